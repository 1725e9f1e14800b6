import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * Stands between a subject and its server and counts the statements. The server's own counters need rights, are late,
 * or count those of others.
 *
 * @param {string} address The server's address, not encrypted.
 * @param {() => (chunk: Buffer) => number} createCounter Called for each connection; see `statements.mjs`.
 * @returns {Promise<import('../types.d.ts').StatementMeter>}
 */
export async function openMeter(address, createCounter) {
  const url = new URL(address);
  const target = { host: url.hostname, port: Number(url.port || DEFAULT_PORTS[url.protocol]) };
  const sockets = new Set();
  let count = 0;
  const server = createServer((client) => {
    const upstream = connect(target);
    const counted = createCounter();
    client.on('data', (chunk) => (count += counted(chunk)));
    join(client, upstream);
    for (const socket of [client, upstream]) sockets.add(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url.hostname = '127.0.0.1';
  url.port = server.address().port;
  return {
    address: url.href,
    count: () => count,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

const DEFAULT_PORTS = { 'postgres:': 5432, 'postgresql:': 5432, 'mysql:': 3306, 'mariadb:': 3306 };

/** Passes on what either side sends; when one is gone, so is the other. */
function join(client, upstream) {
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ]) {
    from.setNoDelay();
    from.pipe(to);
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
  }
}
