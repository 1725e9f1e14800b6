import { describe, expect, it } from 'vitest';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { deferred, rejectionOf } from '../../fixtures/core.js';
import { type App, startApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { startFaultProxy } from './support/fault-proxy.js';
import { freePort } from './support/free-port.js';
import type { RedisInstance } from './support/redis-instance.js';
import { startRedisServer } from './support/redis-server.js';

/** How long after its server's return a worker may need for its next message: a second, and what a busy machine adds. */
const BACK_MS = 2000;

/** How long a server may be silent before it is given up, see `startApp`, and what a busy machine adds. */
const SILENT_MS = 2500;

/** A server that is reached through a proxy. */
async function setup() {
  const server = await startRedisServer();
  const proxy = await startFaultProxy(server);
  return { server, proxy, dsn: `redis://127.0.0.1:${proxy.port}/jobs` };
}

/** A worker that waits for messages, and has had one. */
async function setupWaiting() {
  const { server, proxy, dsn } = await setup();
  const app = startApp({ dsn });
  const worker = app.work();
  await app.dispatch('first');
  await app.handles('first');
  await isBlocked(server);
  return { server, proxy, app, worker };
}

/** Resolves when exactly one connection waits in the server. */
async function isBlocked(server: RedisInstance): Promise<void> {
  const observer = server.client();
  await eventually('one read waited', async () =>
    (await observer.info('clients')).includes('blocked_clients:1\r'),
  );
  observer.disconnect();
}

/** Puts a job into the stream past the application, and resolves with the milliseconds until it was handled. */
async function timeToHandle(app: App, server: RedisInstance, text: string): Promise<number> {
  const before = performance.now();
  await server.client().xadd('jobs', '*', 'message', entryOf(text));
  await app.handles(text);
  return performance.now() - before;
}

function entryOf(text: string): string {
  return JSON.stringify({ body: JSON.stringify({ text }), headers: { type: 'Job' } });
}

async function millisecondsOf(action: Promise<unknown>): Promise<number> {
  const before = performance.now();
  await action;
  return performance.now() - before;
}

/** Resolves when the worker has failed `times` times to fetch. */
async function hasFailed(app: App, times: number): Promise<void> {
  const failures = () =>
    [...app.log('error'), ...app.log('debug')].filter((text) => text.includes('cannot be read'));
  await eventually('the worker could not fetch', () => failures().length >= times);
}

describe('without a server', () => {
  it('an application rejects a dispatch soon, and says where, what to do and why', async () => {
    const port = await freePort();
    const app = startApp({ dsn: `redis://user:geheim@127.0.0.1:${port}/jobs`, options: { lazy: false } });
    const before = performance.now();
    const error = await rejectionOf(app.dispatch('lost'));
    expect(performance.now() - before).toBeLessThan(1000);
    expect(error).toBeInstanceOf(TransportError);
    expect(error.message).toBe(
      `Transport "async": redis://***@127.0.0.1:${port} does not answer (connect ECONNREFUSED 127.0.0.1:${port}). Check that it ` +
        'runs, that the DSN names it, and that the DSN begins with "rediss:" if it speaks TLS, and only then. If the command had ' +
        'reached it, it may have been carried out.',
    );
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('a worker keeps trying, tells of it once, and consumes within a second of its return', async () => {
    const { server, dsn } = await setup();
    await server.stop();
    const app = startApp({ dsn });
    app.work();
    await hasFailed(app, 5);
    await server.restart();
    expect(await timeToHandle(app, server, 'late')).toBeLessThan(BACK_MS);
    expect(app.log('error')).toEqual(['Transport "async" cannot be read; trying again until it answers.']);
    expect(app.log('info')).toContain('Transport "async" answers again.');
    await isBlocked(server);
  });

  it('a worker pauses between its tries, longer and longer', async () => {
    const { server, proxy, dsn } = await setup();
    await server.stop();
    const app = startApp({ dsn, options: { retryInterval: 50 } });
    app.work();
    await hasFailed(app, 5);
    // Two connections, for commands and for waiting, and pauses of 25 to 500 ms.
    expect(proxy.accepted).toBeLessThan(30);
  });

  it('a worker stops at once, and the transport closes', async () => {
    const { server, dsn } = await setup();
    await server.stop();
    const app = startApp({ dsn });
    const worker = app.work();
    await hasFailed(app, 2);
    expect(await worker.stop()).toBeLessThan(1000);
    expect(await millisecondsOf(app.transport.close())).toBeLessThan(1000);
  });
});

describe('a server that falls silent', () => {
  it('makes a dispatch reject within the time for a command, and is used again when it speaks', async () => {
    const { proxy, dsn } = await setup();
    const app = startApp({ dsn });
    await app.dispatch('first');
    proxy.blackhole();
    for (const reason of ['it has been silent for 500 ms', 'it was not ready within 1000 ms']) {
      const before = performance.now();
      await expect(app.dispatch('lost')).rejects.toThrow(`does not answer (${reason}`);
      expect(performance.now() - before).toBeLessThan(SILENT_MS);
    }
    await proxy.restore();
    expect(await millisecondsOf(app.dispatch('second'))).toBeLessThan(BACK_MS);
  });

  it('is not held to be silent by an application that was busy', async () => {
    const server = await startRedisServer();
    const app = startApp({ dsn: `${server.url}/jobs` });
    await app.dispatch('first');
    const observer = server.client();
    const connections = async () => /total_connections_received:\d+/.exec(await observer.info('stats'))?.[0];
    const before = await connections();
    const dispatched = app.dispatch('second');
    await new Promise((resolve) => setImmediate(resolve));
    const until = performance.now() + 800;
    while (performance.now() < until);
    await dispatched;
    await app.dispatch('third');
    expect(await connections()).toBe(before);
  });

  it('is not held to be silent while it waits for its replicas as it was told to', async () => {
    const server = await startRedisServer();
    const options = { waitReplicas: 1, waitTimeout: 1200 };
    const app = startApp({ dsn: `${server.url}/jobs`, options });
    await expect(app.dispatch('first')).rejects.toThrow(
      'only 0 of 1 replica(s) ("wait_replicas") had it within 1200 ms',
    );
  });

  it('is noticed by a read that waits, which is back within a second of its return', async () => {
    const { server, proxy, app } = await setupWaiting();
    proxy.blackhole();
    await hasFailed(app, 1);
    await proxy.restore();
    expect(await timeToHandle(app, server, 'second')).toBeLessThan(BACK_MS);
    await isBlocked(server);
  });

  it('hands out what its lost reply had in it', async () => {
    const { server, proxy, app } = await setupWaiting();
    proxy.blackhole();
    await server.client().xadd('jobs', '*', 'message', entryOf('lost on its way'));
    await hasFailed(app, 1);
    // The reply that was held back reaches nobody.
    proxy.cut();
    await proxy.restore();
    await app.handles('lost on its way');
    expect(app.handled).toEqual(['first', 'lost on its way']);
  });

  it('does not keep a worker from stopping, nor the transport from closing', async () => {
    const { proxy, app, worker } = await setupWaiting();
    proxy.blackhole();
    expect(await worker.stop()).toBeLessThan(SILENT_MS);
    expect(await millisecondsOf(app.transport.close())).toBeLessThan(2 * SILENT_MS);
  });

  it('does not keep the transport from closing, however long it is waited for otherwise', async () => {
    const { proxy, dsn } = await setup();
    const app = startApp({ dsn, options: { timeout: 30, readTimeout: 30 } });
    await app.dispatch('first');
    await app.transport.ack(await app.transport.get());
    proxy.blackhole();
    expect(await millisecondsOf(app.transport.close())).toBeLessThan(SILENT_MS);
  });

  it('does not keep the transport from closing while it connects', async () => {
    const { proxy, dsn } = await setup();
    proxy.blackhole();
    const app = startApp({ dsn });
    const fetched = app.transport.get({ wait: 10_000 });
    const dispatched = rejectionOf(app.dispatch('lost'));
    await eventually('it connected', () => proxy.accepted > 0);
    expect(await millisecondsOf(app.transport.close())).toBeLessThan(2 * SILENT_MS);
    expect(await fetched).toEqual([]);
    expect(await dispatched).toBeInstanceOf(TransportError);
  });
});

describe('connections that are cut', () => {
  it('are made anew, and the worker goes on with one read', async () => {
    const { server, proxy, app } = await setupWaiting();
    for (const text of ['second', 'third', 'fourth']) {
      proxy.cut();
      expect(await timeToHandle(app, server, text)).toBeLessThan(BACK_MS);
      await isBlocked(server);
    }
    await eventually('no connection was left over', () => proxy.connections === 2);
  });

  it('are made anew when an administrator kills them', async () => {
    const { server, app } = await setupWaiting();
    const admin = server.client();
    const id = await admin.client('ID');
    await admin.call('CLIENT', 'KILL', 'TYPE', 'NORMAL', 'SKIPME', 'YES');
    expect(await timeToHandle(app, server, 'second')).toBeLessThan(BACK_MS);
    await isBlocked(server);
    expect(await admin.client('ID')).toBe(id);
  });

  it('do not disturb a handler that runs: its message is acknowledged on the next one', async () => {
    const { server, proxy, dsn } = await setup();
    const [started, finish] = [deferred(), deferred()];
    const app = startApp({
      dsn,
      handle: () => {
        started.resolve();
        return finish.promise;
      },
    });
    app.work();
    await app.dispatch('slow');
    await started.promise;
    proxy.cut();
    finish.resolve();
    await app.handles('slow');
    await eventually('it was acknowledged', async () => (await server.client().xlen('jobs')) === 0);
    expect(app.handled).toEqual(['slow']);
    expect([...app.log('warn'), ...app.log('error')].filter((text) => text.includes('Too late'))).toEqual([]);
  });
});

describe('a server that is paused', () => {
  it('makes a dispatch wait if it is back in time, and reject if it is not', async () => {
    const server = await startRedisServer();
    const app = startApp({ dsn: `${server.url}/jobs` });
    await app.dispatch('first');
    await server.client().call('CLIENT', 'PAUSE', '200', 'ALL');
    await app.dispatch('second');
    await server.client().call('CLIENT', 'PAUSE', '5000', 'ALL');
    await expect(app.dispatch('third')).rejects.toThrow('it has been silent');
  });

  it('is waited for by a worker', async () => {
    const { server, app } = await setupWaiting();
    server.pause();
    await hasFailed(app, 1);
    server.resume();
    expect(await timeToHandle(app, server, 'second')).toBeLessThan(BACK_MS);
    await isBlocked(server);
  });
});
