import { createServer } from 'node:net';

/**
 * Below what the system gives to outgoing connections (Linux: from 32,768): such a port could be taken while its server is
 * down, and a client that connects to it meanwhile could even reach itself. The bus of a cluster node is 10,000 higher.
 */
const FIRST = 11_000;
const COUNT = 11_000;

/** A port of 127.0.0.1 that nobody listens on. Somebody else may be faster: be ready to ask again. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) {
      return port;
    }
  }
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
