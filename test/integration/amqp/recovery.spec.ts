import { describe, expect, it } from 'vitest';
import { loadAmqpDriver } from '../../../lib/transports/amqp/amqp.driver.js';
import { deferred, rejectionOf } from '../../fixtures/core.js';
import { eventually } from '../redis/support/eventually.js';
import { startFaultProxy } from '../redis/support/fault-proxy.js';
import { startConnection } from './support/connection.js';
import { perFile, startVhost } from './support/vhost.js';

const vhost = perFile((lifetime) => startVhost(lifetime));

/** A connection that goes through a proxy, and is open. */
async function setup(differences: Parameters<typeof startConnection>[1] = {}) {
  const proxy = await startFaultProxy(vhost());
  const started = startConnection(vhost(), { hosts: [proxy], ...differences });
  const channel = await started.connection.channel();
  return { ...started, proxy, channel };
}

describe('a connection that the broker closes', () => {
  it('comes back, and says who closed it to whoever had something under way', async () => {
    const { connection, session, logger, state } = startConnection(vhost());
    const channel = await connection.channel();
    const underWay = deferred<unknown>();
    channel.on('close', () => {
      // The driver tells afterwards why.
      queueMicrotask(() => underWay.resolve(session.errorOf(new Error('channel closed'))));
    });
    await vhost().closeAllConnections('maintenance');
    expect(String(await underWay.promise)).toContain('has closed the connection (maintenance)');
    await (await connection.channel()).assertQueue('a');
    expect(connection.epoch).toBe(2);
    expect(state.losses).toBe(1);
    expect(connection.lastFailure).toBeUndefined();
    const server = `amqp://127.0.0.1:5672/${vhost().name}`;
    expect(logger.texts('warn')).toEqual([`The connection to ${server} was lost; connecting again.`]);
    expect(logger.texts('info')).toEqual([`${server} is connected again.`]);
  });
});

describe('a connection that is cut', () => {
  it('before it could be used is replaced by the next', async () => {
    const driver = loadAmqpDriver('async');
    let tries = 0;
    const { connection } = startConnection(
      vhost(),
      {},
      {
        ...driver,
        connect: async (...args) => {
          const model = await driver.connect(...args);
          tries += 1;
          if (tries === 1) {
            await model.close();
          }
          return model;
        },
      },
    );
    await (await connection.channel()).assertQueue('a');
    expect(tries).toBe(2);
  });

  it('comes back by itself, though nobody asks for it', async () => {
    const { connection, proxy } = await setup();
    for (const epoch of [2, 3, 4]) {
      proxy.cut();
      await eventually('it was back', () => connection.epoch === epoch);
    }
    expect(proxy.accepted).toBe(4);
  });

  it('is waited for by whoever needs a channel', async () => {
    const { connection, proxy, state } = await setup();
    await proxy.refuse();
    proxy.cut();
    await eventually('it was lost', () => state.losses === 1);
    const channel = connection.channel();
    await eventually('a try failed', () => String(connection.lastFailure).includes('ECONNREFUSED'));
    await proxy.restore();
    await (await channel).assertQueue('a');
    expect(connection.epoch).toBe(2);
  });

  it('while a channel is opened leads to one on the next connection', async () => {
    const { connection, proxy } = await setup();
    proxy.blackhole();
    const channel = connection.channel();
    proxy.cut();
    await proxy.restore();
    await (await channel).assertQueue('a');
    expect(connection.epoch).toBe(2);
  });

  it('pauses longer and longer between its tries', async () => {
    const { proxy } = await setup();
    const before = performance.now();
    await eventually('the sixth connection was made', () => {
      // Each is reset as soon as it is there.
      proxy.cut();
      return proxy.accepted === 6;
    });
    // Half of 50, 100, 200, 400 and 800 ms.
    expect(performance.now() - before).toBeGreaterThan(775);
  });

  it('calls no listener that does not listen any more', async () => {
    const { connection, proxy, state } = await setup();
    let calls = 0;
    const stop = connection.onLost(() => (calls += 1));
    stop();
    proxy.cut();
    await eventually('it was lost', () => state.losses === 1);
    expect(calls).toBe(0);
  });

  it('is not the end of the one that publishes, nor the other way round', async () => {
    const { connection, proxy, state } = await setup();
    const publishing = await connection.confirmChannel();
    expect(proxy.accepted).toBe(2);
    let isLost = false;
    publishing.on('close', () => (isLost = true));
    await vhost().closeAllConnections();
    await eventually('both were lost', () => isLost && state.losses === 1);
    await Promise.all([connection.channel(), connection.confirmChannel()]);
    expect(connection.epoch).toBe(2);
  });
});

describe('a broker that falls silent', () => {
  it('is given up when its heartbeats are missing', async () => {
    const { connection, proxy, state } = await setup({ heartbeat: 1 });
    proxy.blackhole();
    await eventually('it was lost', () => state.losses === 1);
    expect(String(connection.lastFailure)).toContain('Heartbeat timeout');
    await proxy.restore();
    await eventually('it was back', () => connection.epoch === 2);
    await (await connection.channel()).assertQueue('a');
  });

  it('is told to whoever needs a channel meanwhile', async () => {
    const { connection, proxy } = await setup({ connectTimeout: 200 });
    proxy.blackhole();
    expect((await rejectionOf(connection.channel())).message).toContain('no channel within 200 ms');
  });

  it('makes what it was asked reject after "rpc_timeout", if there is one', async () => {
    const { channel, proxy } = await setup({ rpcTimeout: 200 });
    await channel.assertQueue('answered');
    proxy.blackhole();
    expect((await rejectionOf(channel.checkQueue('answered'))).message).toBe(
      'no answer to checkQueue within 200 ms ("rpc_timeout")',
    );
  });
});
