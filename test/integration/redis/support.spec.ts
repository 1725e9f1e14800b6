import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { eventually } from './support/eventually.js';
import { startFaultProxy } from './support/fault-proxy.js';
import { killedRun } from './support/killed-run.js';
import { perFile } from './support/lifetime.js';
import { startRedisCluster } from './support/redis-cluster.js';
import type { RedisInstance } from './support/redis-instance.js';
import { startRedisSentinel } from './support/redis-sentinel.js';
import { startRedisServer } from './support/redis-server.js';
import { redisUrl, sharedRedis, sharedRedisUrl, uniqueStream } from './support/shared-redis.js';

const ONCE = { retryStrategy: null, maxRetriesPerRequest: 0 };
const HANG_MS = 100;

/** What came first: the answer, or the end of a time in which every answer should have come. */
async function answerOrHang(answer: Promise<unknown>): Promise<unknown> {
  return Promise.race([answer, pause(HANG_MS, 'hangs')]);
}

describe('a Redis server of a test', () => {
  it('keeps its port, and with an append-only file its data, when it is killed and restarted', async () => {
    const server = await startRedisServer({ appendonly: true });
    const client = server.client();
    await client.set('key', 'value');
    await server.kill('SIGKILL');
    expect(server.isRunning).toBe(false);
    await server.restart();
    expect(await client.get('key')).toBe('value');
    await server.stop();
    await server.restart();
    expect(await client.get('key')).toBe('value');
  });

  it('forgets its data without an append-only file', async () => {
    const server = await startRedisServer();
    const client = server.client();
    await client.set('key', 'value');
    await server.restart();
    expect(await client.get('key')).toBeNull();
  });

  it('answers nothing while it is paused, and everything afterwards', async () => {
    const server = await startRedisServer();
    const client = server.client();
    await client.ping();
    server.pause();
    const answer = client.ping();
    expect(await answerOrHang(answer)).toBe('hangs');
    server.resume();
    expect(await answer).toBe('PONG');
    server.pause();
    await server.stop();
    expect(server.isRunning).toBe(false);
  });

  it('asks for the password, knows further users and what they may, and listens on a unix socket', async () => {
    const server = await startRedisServer({
      requirepass: 'p@ss',
      acl: ['alice on >secret ~orders* +@all'],
      unixSocket: true,
    });
    await expect(server.client({ ...ONCE, password: 'wrong' }).ping()).rejects.toThrow();
    expect(await server.client().ping()).toBe('PONG');
    expect(server.url).toBe(`redis://:p%40ss@127.0.0.1:${server.port}`);

    const alice = server.client({ path: server.socketPath ?? '', username: 'alice', password: 'secret' });
    expect(await alice.set('orders:1', 'x')).toBe('OK');
    await expect(alice.set('other', 'x')).rejects.toThrow('NOPERM');
  });

  it('refuses to write when its memory is full, from the beginning or by a later setting', async () => {
    const full = await startRedisServer({ maxmemory: '1b', maxmemoryPolicy: 'noeviction' });
    await expect(full.client().set('key', 'value')).rejects.toThrow('OOM');
    const server = await startRedisServer();
    const client = server.client();
    await client.set('key', 'value');
    await server.config('maxmemory', 1);
    await expect(client.set('key', 'value')).rejects.toThrow('OOM');
  });

  it('follows the server that it is a replica of, and refuses to write', async () => {
    const master = await startRedisServer({ requirepass: 'secret' });
    const replica = await startRedisServer({ requirepass: 'secret', replicaOf: master });
    await master.client().set('key', 'value');
    const reader = replica.client();
    expect(await eventually('the key was replicated', async () => (await reader.get('key')) ?? false)).toBe(
      'value',
    );
    await expect(reader.set('key', 'other')).rejects.toThrow('READONLY');
  });

  it('talks TLS to those who trust its authority only', async () => {
    const server = await startRedisServer({ tls: true });
    expect(server.url).toMatch(/^rediss:/);
    expect(await server.client().ping()).toBe('PONG');
    const { ca } = server.certificates ?? {};
    expect(await server.client({ host: 'localhost', tls: { ca } }).ping()).toBe('PONG');
    await expect(server.client({ ...ONCE, tls: {} }).ping()).rejects.toThrow();
  });

  it('asks clients for a certificate if TLS is to be mutual', async () => {
    const server = await startRedisServer({ tls: 'mutual' });
    expect(await server.client().ping()).toBe('PONG');
    const { ca } = server.certificates ?? {};
    await expect(server.client({ ...ONCE, tls: { ca } }).ping()).rejects.toThrow();
  });

  it('says what it wrote when it does not start', async () => {
    await expect(startRedisServer({ config: ['no-such-setting 1'] })).rejects.toThrow('no-such-setting');
  });

  it('dies with a test run that is killed, and its folder with it', async () => {
    const { folder, port } = await killedRun();
    await eventually('the folder was gone', () => !existsSync(folder));
    const client = new Redis(port, { ...ONCE, lazyConnect: true });
    client.on('error', () => undefined);
    await expect(client.connect()).rejects.toThrow();
  });
});

describe('a Redis cluster of a test', () => {
  const cluster = perFile((lifetime) => startRedisCluster({ requirepass: 'secret' }, lifetime));

  it('has its keys on three nodes, each of which answers for its own', async () => {
    const client = cluster().client();
    const holders = new Set<RedisInstance>();
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const node = await cluster().nodeOf(key);
      holders.add(node);
      await client.set(key, key);
      expect(await node.client().get(key)).toBe(key);
    }
    expect(holders).toEqual(new Set(cluster().nodes));
  });

  it('tells a client that asks the wrong node', async () => {
    const right = await cluster().nodeOf('key');
    const wrong = cluster().nodes.find((node) => node !== right);
    await expect(wrong?.client().get('key')).rejects.toThrow(`MOVED 12539 127.0.0.1:${right.port}`);
  });

  it('is down without one of its nodes, and up again with it', async () => {
    const [first, second] = cluster().nodes;
    await cluster().setNodeTimeout(400);
    await second?.kill();
    await cluster().becomes('fail');
    await expect(first?.client().set('key', 'value')).rejects.toThrow('CLUSTERDOWN');
    await second?.restart();
    await cluster().becomes('ok');
    expect(await cluster().client().set('key', 'value')).toBe('OK');
  });
});

describe('a Sentinel of a test', () => {
  const redis = perFile((lifetime) =>
    startRedisSentinel({ password: 'secret', sentinelPassword: 'other' }, lifetime),
  );

  it('changes the master by command, and clients follow', async () => {
    const [first, second] = redis().servers;
    const client = redis().client();
    await client.set('key', 'value');
    expect(await redis().master()).toBe(first);
    expect(await redis().failover('command')).toBe(second);
    await eventually(
      'the client wrote to the new master',
      async () => (await client.set('key', 'new')) === 'OK',
    );
    expect(await second?.client().get('key')).toBe('new');
  });

  it('changes the master when it dies', async () => {
    await redis().ready();
    const before = await redis().master();
    const after = await redis().failover('kill');
    expect(after).not.toBe(before);
    expect(before.isRunning).toBe(false);
    expect(await redis().client().set('key', 'value')).toBe('OK');
  });
});

describe('the Redis that tests share', () => {
  it('answers, and forgets the keys of a stream after its test', async () => {
    const ends: (() => void | Promise<void>)[] = [];
    const client = sharedRedis();
    const [stream, other] = [uniqueStream((end) => ends.push(end)), uniqueStream()];
    const keys = [stream, `${stream}__queue`, `{${stream}}:lease`];
    for (const key of [...keys, other]) {
      await client.set(key, 'value');
    }
    expect(await client.exists(keys)).toBe(3);
    await Promise.all(ends.map(async (end) => end()));
    expect(await client.exists(keys)).toBe(0);
    expect(await client.exists(other)).toBe(1);
  });

  it('has DSNs with the options that a test asks for', () => {
    const url = new URL(redisUrl('orders', { group: 'a b', lazy: true }));
    expect(url.host).toBe(sharedRedisUrl().host);
    expect(url.pathname).toBe('/orders');
    expect(url.searchParams.get('group')).toBe('a b');
    expect(url.searchParams.get('lazy')).toBe('true');
  });
});

describe('a proxy with faults', () => {
  async function setup() {
    const server = await startRedisServer();
    const proxy = await startFaultProxy(server);
    return { server, proxy, client: server.client({ port: proxy.port }) };
  }

  it('forwards what is said, also more than a server that does not read can take', async () => {
    const { server, client, proxy } = await setup();
    await client.ping();
    server.pause();
    const large = 'x'.repeat(20_000_000);
    const stored = client.set('key', large);
    expect(await answerOrHang(stored)).toBe('hangs');
    server.resume();
    await stored;
    expect((await client.get('key')) === large).toBe(true);
    expect([proxy.connections, proxy.accepted]).toEqual([1, 1]);
  });

  it('resets connections, after which new ones are served', async () => {
    const { client, proxy } = await setup();
    await client.ping();
    const errors: Error[] = [];
    client.on('error', (error) => errors.push(error));
    proxy.cut();
    expect(await client.ping()).toBe('PONG');
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('ECONNRESET')]);
    expect([proxy.connections, proxy.accepted]).toEqual([1, 2]);
  });

  it('lets nothing through in a black hole, and then all of it', async () => {
    const { client, proxy } = await setup();
    await client.ping();
    proxy.blackhole();
    const answer = client.ping();
    expect(await answerOrHang(answer)).toBe('hangs');
    await proxy.restore();
    expect(await answer).toBe('PONG');
    expect(proxy.accepted).toBe(1);
  });

  it('accepts connections into a black hole, and hides from the server that a client went', async () => {
    const { server, client, proxy } = await setup();
    const observer = server.client();
    const names = async () => (String(await observer.client('LIST')).match(/name=\w+/g) ?? []).map(String);
    await client.client('SETNAME', 'gone');
    proxy.blackhole();
    client.disconnect();
    const late = server.client({ port: proxy.port });
    const answer = late.ping();
    expect(await answerOrHang(answer)).toBe('hangs');
    expect(await names()).toContain('name=gone');
    await proxy.restore();
    expect(await answer).toBe('PONG');
    await eventually('the server saw it go', async () => !(await names()).includes('name=gone'));
    await eventually('the proxy forgot it', () => proxy.connections === 1);
  });

  it('refuses new connections until it is restored, and leaves the old ones alone', async () => {
    const { server, client, proxy } = await setup();
    await client.ping();
    await proxy.refuse();
    expect(await client.ping()).toBe('PONG');
    const refused = server.client({ ...ONCE, port: proxy.port, lazyConnect: true });
    await expect(refused.connect()).rejects.toThrow();
    proxy.cut();
    const answer = client.ping();
    expect(await answerOrHang(answer)).toBe('hangs');
    await proxy.restore();
    expect(await answer).toBe('PONG');
  });

  it('holds back what comes for as long as it is told, in its order', async () => {
    const { client, proxy } = await setup();
    await client.ping();
    proxy.delay(60);
    const startedAt = performance.now();
    const answers = await Promise.all([client.incr('n'), client.incr('n'), client.incr('n')]);
    // There and back. A timer may fire a millisecond before its time.
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(118);
    expect(answers).toEqual([1, 2, 3]);
    await proxy.restore();
    const restoredAt = performance.now();
    await client.ping();
    expect(performance.now() - restoredAt).toBeLessThan(118);
  });

  it('cuts off what a client sends in the middle, and resets both sides', async () => {
    const { server, client, proxy } = await setup();
    const once = server.client({ ...ONCE, port: proxy.port });
    await once.ping();
    proxy.truncate(20);
    await expect(once.set('cut', 'x'.repeat(1000))).rejects.toThrow();
    expect(await server.client().exists('cut')).toBe(0);
    await proxy.restore();
    expect(await client.ping()).toBe('PONG');
  });

  it('resets clients of a server that is down', async () => {
    const { server, client, proxy } = await setup();
    await client.ping();
    await server.kill();
    await eventually('the connection was lost', () => client.status !== 'ready');
    await server.restart();
    expect(await client.ping()).toBe('PONG');
    expect(proxy.accepted).toBeGreaterThan(1);
  });
});
