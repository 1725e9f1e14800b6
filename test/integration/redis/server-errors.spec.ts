import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { NotConsumableError } from '../../../lib/errors/not-consumable.error.js';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { TransportFullError } from '../../../lib/errors/transport-full.error.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { rejectionOf } from '../../fixtures/core.js';
import { type App, startApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import type { RedisServerOptions } from './support/redis-config.js';
import { startRedisServer } from './support/redis-server.js';

/** A server, and an application on it. */
async function setup(options: RedisServerOptions = {}, handle?: (text: string) => unknown) {
  const server = await startRedisServer(options);
  const app = startApp({
    dsn: `${server.url}/jobs`,
    others: { second: `${server.url}/second` },
    ...(handle && { handle }),
  });
  return { server, app, redis: server.client() };
}

/** What a dispatch rejects with. */
async function refusal(app: App): Promise<string> {
  const error = await rejectionOf(app.dispatch('refused'));
  expect(error).toBeInstanceOf(TransportError);
  expect(error).not.toBeInstanceOf(NotConsumableError);
  expect(error.cause).toBeInstanceOf(Error);
  return error.message;
}

describe('a server whose memory is full', () => {
  async function setupFull(handle?: (text: string) => unknown) {
    const { server, app, redis } = await setup({ maxmemoryPolicy: 'noeviction' }, handle);
    const fill = async (): Promise<void> => {
      await redis.config('SET', 'maxmemory', 1);
    };
    return { server, app, redis, fill };
  }

  it('makes a dispatch reject, delayed or not, alone or with others', async () => {
    const { app, fill } = await setupFull();
    await fill();
    const dispatches = [app.dispatch('one'), app.dispatch('two'), app.dispatch('late', new DelayStamp(10))];
    for (const dispatch of dispatches) {
      const error = await rejectionOf(dispatch);
      expect(error).toBeInstanceOf(TransportFullError);
      expect(error.message).toMatch(
        /^Transport "async": redis:\/\/127\.0\.0\.1:\d+ is out of memory \("maxmemory"\) and stores nothing more\. Handle what waits/,
      );
    }
    await expect(app.dispatch('alone')).rejects.toThrow(TransportFullError);
  });

  it('is emptied by workers that start then: they handle, acknowledge, retry and take what is due', async () => {
    const failed = new Set<string>();
    const { app, redis, fill } = await setupFull((text) => {
      if (text === 'retried' && !failed.has(text)) {
        failed.add(text);
        throw new Error('once');
      }
    });
    await Promise.all([
      app.dispatch('plain'),
      app.dispatch('retried'),
      app.dispatch('late', new DelayStamp(50)),
    ]);
    await fill();
    app.work({}, ['async']);
    await Promise.all(['plain', 'retried', 'late'].map((text) => app.handles(text)));
    await eventually('nothing was left', async () => (await redis.xlen('jobs')) === 0);
    expect(await redis.zcard('jobs__queue')).toBe(0);
    expect(app.log('error')).toEqual([]);
  });

  it('is emptied by workers that wait, which lose neither their place nor their connections', async () => {
    const { app, redis, fill } = await setupFull();
    await app.dispatch('late', new DelayStamp(300));
    const first = app.work({ sleep: 3000 }, ['async']);
    await eventually('it waited', async () => (await redis.info('clients')).includes('blocked_clients:1\r'));
    await fill();
    const before = await connectionsOf(redis);
    // Both interrupt the read of the first.
    app.work({ sleep: 3000 }, ['second']);
    await app.handles('late');
    expect(await first.stop()).toBeLessThan(500);
    expect(await connectionsOf(redis)).toBe(before);
    expect(app.log('error')).toEqual([]);
  });

  it('lets workers be told to stop, and messages be handed back', async () => {
    const { app, fill } = await setupFull();
    await app.dispatch('one');
    await fill();
    const fetched = await app.transport.get();
    await app.transport.keepalive(fetched);
    expect(await app.transport.release(fetched)).toEqual({ lost: [] });
    expect(await app.transport.get()).toHaveLength(1);
    await app.transport.writeSignal('stop');
    expect(await app.transport.readSignal('stop')).toBeGreaterThan(0);
  });

  it('takes messages again when there is room', async () => {
    const { app, redis, fill } = await setupFull();
    await fill();
    await expect(app.dispatch('early')).rejects.toThrow(TransportFullError);
    await redis.config('SET', 'maxmemory', 0);
    await app.dispatch('late');
  });
});

describe('a server that wants to know who we are', () => {
  it('refuses us without a password, and the error says where to put it', async () => {
    const server = await startRedisServer({ requirepass: 'geheim' });
    const app = startApp({ dsn: `redis://127.0.0.1:${server.port}/jobs` });
    expect(await refusal(app)).toBe(
      `Transport "async": redis://127.0.0.1:${server.port} wants a password. Add it to the DSN: "redis://:password@host" or ` +
        '"redis://user:password@host".',
    );
  });

  it('refuses a wrong password, which no error shows, at any depth', async () => {
    const server = await startRedisServer({ acl: ['alice on >right ~jobs* +@all'], requirepass: 'right' });
    const app = startApp({ dsn: `redis://alice:geheim@127.0.0.1:${server.port}/jobs` });
    const error = await rejectionOf(app.dispatch('refused'));
    expect(error.message).toBe(
      `Transport "async": redis://***@127.0.0.1:${server.port} does not accept the user name or the password of the DSN.`,
    );
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('geheim');
  });

  it('accepts a password that was corrected while a worker tried, without a restart of the worker', async () => {
    const { server, redis } = await setup({ acl: ['alice on >other ~jobs* +@all'] });
    const app = startApp({ dsn: `redis://alice:secret@127.0.0.1:${server.port}/jobs` });
    app.work();
    await eventually('it was refused', () => app.log('error').length > 0);
    await redis.call('ACL', 'SETUSER', 'alice', '>secret');
    await app.dispatch('first');
    await app.handles('first');
  });

  it('has passwords with any characters', async () => {
    const password = 'a@b:c/d?e#f%g, h"i\\j€';
    const server = await startRedisServer({ requirepass: password });
    const app = startApp({ dsn: `redis://:${encodeURIComponent(password)}@127.0.0.1:${server.port}/jobs` });
    await app.dispatch('first');
    expect(await app.transport.get()).toHaveLength(1);
  });

  it('refuses what the user may not do, by a command or in a script, and the error says what is needed', async () => {
    const server = await startRedisServer({
      acl: [
        'alice on >secret ~jobs* +@all -xadd',
        'bob on >secret ~jobs* +@all -time',
        'eve on >secret ~other* +@all',
      ],
    });
    for (const user of ['alice', 'eve']) {
      const app = startApp({ dsn: `redis://${user}:secret@127.0.0.1:${server.port}/jobs` });
      expect(await refusal(app)).toMatch(
        /^Transport "async": the user has no permission for this on redis:.*NOPERM.*It needs the keys/,
      );
    }
    const app = startApp({ dsn: `redis://bob:secret@127.0.0.1:${server.port}/jobs` });
    await expect(app.dispatch('late', new DelayStamp(10))).rejects.toThrow(
      'the user has no permission for this',
    );
  });
});

describe('a server on which a connection may not be named', () => {
  it('does not make others believe that its worker is dead', async () => {
    const server = await startRedisServer({ acl: ['alice on >secret ~jobs* +@all -client|setname'] });
    const open = (): App =>
      startApp({
        dsn: `redis://alice:secret@127.0.0.1:${server.port}/jobs`,
        options: { consumer: 'worker' },
      });
    const first = open();
    await first.dispatch('held');
    expect(await first.transport.get()).toHaveLength(1);
    // Without a sign it waits to see whether the name is still renewed, until its time is over; and takes nothing.
    expect(await open().transport.get({ signal: AbortSignal.timeout(600) })).toEqual([]);
  });
});

describe('a server that takes no writes', () => {
  it('because it is a replica, is named as one', async () => {
    const { server, redis } = await setup();
    const replica = await startRedisServer({ replicaOf: server });
    await redis.set('jobs:mark', 'x');
    const reader = replica.client();
    await eventually('it was in step', async () => (await reader.get('jobs:mark')) === 'x');
    const app = startApp({ dsn: `${replica.url}/jobs` });
    expect(await refusal(app)).toMatch(
      /is a replica and takes no writes\. Name the master in the DSN, or the Sentinels/,
    );
    const worker = app.work();
    await eventually('the worker was refused', () => app.log('error').length > 0);
    await reader.call('REPLICAOF', 'NO', 'ONE');
    await app.dispatch('first');
    await app.handles('first');
    await worker.stop();
  });

  it('because it lacks replicas', async () => {
    const { app, redis } = await setup();
    await redis.config('SET', 'min-replicas-to-write', 1);
    expect(await refusal(app)).toContain('has too few replicas to take writes ("min-replicas-to-write").');
  });

  it('because it cannot save, until it can', async () => {
    const { app, server, redis } = await setup({ config: ['save 3600 1', 'enable-protected-configs yes'] });
    mkdirSync(join(server.folder, 'taken', 'x'), { recursive: true });
    await redis.config('SET', 'dbfilename', 'taken');
    await redis.bgsave();
    await eventually('it could not save', async () =>
      (await redis.info('persistence')).includes('last_bgsave_status:err'),
    );
    expect(await refusal(app)).toMatch(/takes no writes, because it cannot save its data: MISCONF .*\.$/);
    app.work({}, ['async']);
    await eventually('the worker was refused', () => app.log('error').length > 0);
    await redis.config('SET', 'dbfilename', 'free');
    await redis.bgsave();
    await eventually('the server could save', async () =>
      (await redis.info('persistence')).includes('last_bgsave_status:ok'),
    );
    await app.dispatch('first');
    await app.handles('first');
  });

  it('because it loads its data, which a worker waits for', async () => {
    const { app, server, redis } = await setup({
      appendonly: true,
      config: ['appendfsync always', 'key-load-delay 2500', 'loading-process-events-interval-bytes 1024'],
    });
    const keys = Array.from({ length: 1000 }, (_, index) => ['set', `key:${index}`, 'x'.repeat(100)]);
    await redis.pipeline(keys).exec();
    await app.dispatch('kept');
    await redis.bgrewriteaof();
    const isRewritten = async () => (await redis.info('persistence')).includes('aof_rewrite_in_progress:0');
    await eventually('its file was short', isRewritten);
    await server.kill();
    const restarted = server.restart();
    const loading = 'does not answer (it was not ready within 1000 ms, as when it loads its data)';
    await eventually('it was loading', async () => (await refusal(app)).includes(loading));
    app.work();
    await restarted;
    await app.handles('kept');
  });
});

describe('a key that holds something else', () => {
  it('makes dispatches and fetches reject, and says which name to change', async () => {
    const { app, redis } = await setup();
    await redis.set('jobs', 'a text');
    const text = 'a key on redis://127.0.0.1';
    expect(await refusal(app)).toContain(text);
    await expect(app.transport.get()).rejects.toThrow(text);
    await expect(app.transport.messageCount()).rejects.toThrow(text);
    await expect(app.transport.setup()).rejects.toThrow(text);
    await redis.del('jobs');
    await redis.set('jobs__queue', 'a text');
    await app.dispatch('one');
    await expect(app.dispatch('late', new DelayStamp(10))).rejects.toThrow(text);
    expect(await app.transport.get()).toHaveLength(1);
  });
});

describe('a server that has forgotten our scripts', () => {
  it('is told them again', async () => {
    const { app, redis } = await setup();
    app.work({}, ['async']);
    for (const text of ['first', 'second']) {
      await app.dispatch(text, new DelayStamp(20));
      await app.handles(text);
      await eventually('it was acknowledged', async () => (await redis.xlen('jobs')) === 0);
      await redis.script('FLUSH');
    }
    expect(app.log('error')).toEqual([]);
  });
});

async function connectionsOf(observer: Redis): Promise<string | undefined> {
  return /total_connections_received:(\d+)/.exec(await observer.info('stats'))?.[1];
}
