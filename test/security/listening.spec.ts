import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startHealthReports } from '../../lib/console/health-reports.js';
import { InMemoryTransport } from '../../lib/transports/in-memory/in-memory.transport.js';
import { createCore } from '../fixtures/core.js';

/** Addresses of this machine but the one of the loopback interface that everybody uses. */
function otherAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const others = all.filter(({ internal, family }) => !internal && family === 'IPv4');
  // All of 127.0.0.0/8 is this machine on Linux; elsewhere nothing listens there either.
  return ['127.0.0.2', ...others.map(({ address }) => address)];
}

async function isReachable(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  onTestFinished(() => void socket.destroy());
  return once(socket, 'connect').then(
    () => true,
    () => false,
  );
}

async function portOf(host?: string): Promise<number> {
  const core = createCore({ transports: { async: new InMemoryTransport({ transportName: 'async' }) } });
  const request = { port: 0, ...(host !== undefined && { host }) };
  onTestFinished(await startHealthReports(request, core.workers.create(['async']), core.logger));
  return Number(/:(\d+)\/live/.exec(core.logger.texts('info').join('\n'))?.[1]);
}

describe('the health port of a worker', () => {
  it('answers on the loopback address only', async () => {
    const port = await portOf();

    expect(await isReachable('127.0.0.1', port)).toBe(true);
    for (const address of otherAddresses()) {
      expect([address, await isReachable(address, port)]).toEqual([address, false]);
    }
  });

  it('answers elsewhere if it is told to', async () => {
    const port = await portOf('0.0.0.0');

    expect(await isReachable('127.0.0.2', port)).toBe(true);
  });
});
