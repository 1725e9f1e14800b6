import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../lib/envelope/clock.js';
import { ConsumerInUseError } from '../../../lib/errors/consumer-in-use.error.js';
import { keysOf } from '../../../lib/transports/redis/redis.keys.js';
import type { RedisTransport } from '../../../lib/transports/redis/redis.transport.js';
import { createCore, rejectionOf } from '../../fixtures/core.js';
import { compiledLibrary, RemoteTransport } from './processes/remote-transport.js';
import { application, deliveriesOf, note, notes, textsOf } from './setup.js';
import { eventually } from './support/eventually.js';
import { perFile } from './support/lifetime.js';
import { startRedisServer } from './support/redis-server.js';
import { redisUrl, sharedRedis } from './support/shared-redis.js';

const NAME = 'slot_01';
const WORKER = join(__dirname, 'processes/worker-process.mjs');

/** Far less than the 15 seconds for which a lease lasts that nobody renews. */
const AT_ONCE_MS = 1000;

/** Two processes whose transports have one consumer name. */
function setup() {
  const { stream, open } = application();
  const rival = application({ stream });
  const keys = keysOf(stream, false);
  return {
    stream,
    keys,
    lease: keys.lease('symfony', NAME),
    first: open({ consumer: NAME }),
    second: rival.open({ consumer: NAME }),
    secondLog: rival.logger,
    redis: sharedRedis(),
  };
}

async function consumersOf(redis: Redis, stream: string): Promise<string[]> {
  const infos = (await redis.xinfo('CONSUMERS', stream, 'symfony')) as unknown[][];
  return infos.map((info) => String(info[1])).toSorted();
}

/** What a fetch brings, and how many milliseconds it took. */
async function timedGet(transport: RedisTransport) {
  const startedAt = performance.now();
  const received = await transport.get({ max: 10 });
  return { received, ms: performance.now() - startedAt };
}

describe('two live transports under one stream, group and consumer name', () => {
  it('are one too many: the second is refused, with what to do about it, and the first goes on', async () => {
    const { first, second } = setup();
    await first.get();
    const error = await rejectionOf(second.get());
    expect(error).toBeInstanceOf(ConsumerInUseError);
    expect(error.message).toBe(
      'Transport "async" is already consumed by another transport or worker of this process under the consumer name ' +
        `"${NAME}". Give each worker a name of its own: set MESSENGER_CONSUMER_NAME to something that is unique to the ` +
        'process, such as the name of the Supervisor slot, the systemd instance or the pod; or leave the name out, and it is ' +
        'made unique.',
    );
    await second.send([note('a')]);
    expect(textsOf(await first.get())).toEqual(['a']);
    await expect(second.get()).rejects.toBe(error);
  });

  it('end the worker of the second with an error', async () => {
    const { first, second } = setup();
    await first.get();
    const core = createCore({ transports: { async: second }, clock: systemClock });
    await expect(core.workers.create(['async']).run()).rejects.toBeInstanceOf(ConsumerInUseError);
  });

  it('end the process of the second with exit code 1, which names the process of the first', async () => {
    const { stream, first } = setup();
    await first.get();
    const env = { ...process.env, MESSENGER_CONSUMER_NAME: NAME };
    const child = spawn(process.execPath, [WORKER, compiledLibrary(), redisUrl(stream)], { env });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(code).toBe(1);
    expect(stderr).toContain(`is already consumed by process ${process.pid} on host "${hostname()}"`);
    expect(stderr).toContain('(MESSENGER_CONSUMER_IN_USE)');
  });

  it('are fine on different streams, and in different groups', async () => {
    const env = { MESSENGER_CONSUMER_NAME: NAME };
    const { stream, open } = application({ env });
    const elsewhere = application({ env });
    const keeping = { deleteAfterAck: false, deleteAfterReject: false };
    const transports = [open(keeping), open({ group: 'audit', ...keeping }), elsewhere.open()];
    await transports[0]?.send([note('a')]);
    await transports[2]?.send([note('b')]);
    const received = await Promise.all(transports.map((transport) => transport.get()));
    expect(received.map(textsOf)).toEqual([['a'], ['a'], ['b']]);
    const redis = sharedRedis();
    expect(await consumersOf(redis, stream)).toEqual([NAME]);
    expect(await consumersOf(redis, elsewhere.stream)).toEqual([NAME]);
  });
});

describe('a consumer name that somebody has left', () => {
  it('is free at once, with everything that belonged to it', async () => {
    const { keys, lease, first, second, redis } = setup();
    await first.send([note('a')]);
    await first.ack(await first.get());
    expect(await consumersOf(redis, keys.stream)).toEqual([NAME]);
    expect(await redis.exists(lease, keys.wake('symfony', NAME))).toBe(2);
    await first.close();
    expect(await redis.exists(lease, keys.wake('symfony', NAME), keys.readers)).toBe(0);
    expect(await consumersOf(redis, keys.stream)).toEqual([]);
    const { ms } = await timedGet(second);
    expect(ms).toBeLessThan(AT_ONCE_MS);
  });

  it('keeps what is pending under it for whoever comes next', async () => {
    const { first, second } = setup();
    await first.send(notes('a', 'b'));
    await first.get();
    await first.close();
    expect(textsOf(await second.get())).toEqual(['a']);
  });

  it('is free at once when its process was killed', async () => {
    const { stream, second } = setup();
    const victim = new RemoteTransport(redisUrl(stream), { consumer: NAME });
    await victim.send(['a']);
    await victim.get();
    await expect(application({ stream }).open({ consumer: NAME }).get()).rejects.toThrow(
      `already consumed by process ${victim.pid} on host "${hostname()}"`,
    );
    await victim.kill();
    const { received, ms } = await timedGet(second);
    expect(textsOf(received)).toEqual(['a']);
    expect(ms).toBeLessThan(AT_ONCE_MS);
  });

  it('is free at once when the connection of its process is somebody else’s by now', async () => {
    const { lease, second, redis } = setup();
    const client = await redis.client('ID');
    const gone = { id: 'gone', host: 'elsewhere', pid: 1, client, name: 'messenger-1-gone' };
    await redis.set(lease, JSON.stringify(gone), 'PX', 15_000);
    expect((await timedGet(second)).ms).toBeLessThan(AT_ONCE_MS);
  });

  it('is free at once when its lease says nothing that can be read', async () => {
    const { lease, second, redis } = setup();
    await redis.set(lease, 'null', 'PX', 15_000);
    expect((await timedGet(second)).ms).toBeLessThan(AT_ONCE_MS);
  });
});

describe('a consumer that was paused for longer than its lease', () => {
  it('is refused when it comes back, and cannot settle what its successor has', async () => {
    const { stream, lease, second, redis } = setup();
    const paused = new RemoteTransport(redisUrl(stream), { consumer: NAME });
    await paused.send(['a']);
    await paused.get();
    paused.pause();
    // As if the time of the lease had passed.
    await redis.del(lease);
    const received = await second.get();
    expect([textsOf(received), deliveriesOf(received)]).toEqual([['a'], [2]]);
    paused.resume();
    expect(await paused.keepalive('a')).toEqual(['a']);
    expect(await paused.release('a')).toEqual(['a']);
    expect(await paused.ack('a')).toEqual(['a']);
    const refusal = await eventually('it notices that the name is taken', async () =>
      paused.get().then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
    expect(refusal).toMatchObject({ code: 'MESSENGER_CONSUMER_IN_USE' });
    expect(await second.ack(received)).toEqual({ lost: [] });
  });

  it('does not disturb its successor when it leaves', async () => {
    const { lease, keys, first, second, secondLog, redis } = setup();
    await first.get();
    await redis.del(lease);
    const waiting = second.get({ wait: 10_000 });
    await eventually('the successor has the name', () => redis.exists(lease).then(Boolean));
    await first.close();
    expect(await redis.exists(lease, keys.wake('symfony', NAME))).toBe(2);
    await application({ stream: keys.stream })
      .open()
      .send([note('a')]);
    expect(textsOf(await waiting)).toEqual(['a']);
    expect(secondLog.texts('warn')).toEqual([]);
  });
});

describe('a consumer name on a server that does not tell who is connected', () => {
  const server = perFile((lifetime) =>
    startRedisServer({ acl: ['worker on >secret ~* &* +@all -client|list'] }, lifetime),
  );

  function restricted(host?: string) {
    const { port } = server();
    const urlOf = (stream: string): string => `redis://worker:secret@127.0.0.1:${port}/${stream}`;
    const identity = host === undefined ? {} : { identity: { host, pid: process.pid } };
    const app = application({ urlOf, ...identity });
    const lease = keysOf(app.stream, false).lease('symfony', NAME);
    return { ...app, lease, url: urlOf(app.stream), redis: server().client() };
  }

  const ELSEWHERE = JSON.stringify({ id: 'gone', host: 'elsewhere', pid: 1, client: 1, name: 'messenger-1' });

  it('is free at once when its process on the same host is dead', async () => {
    const { url, open } = restricted();
    const victim = new RemoteTransport(url, { consumer: NAME });
    await victim.send(['a']);
    await victim.get();
    await victim.kill();
    const { received, ms } = await timedGet(open({ consumer: NAME }));
    expect(textsOf(received)).toEqual(['a']);
    expect(ms).toBeLessThan(AT_ONCE_MS);
  });

  it('is free when the lease of another host is over', async () => {
    const { lease, open, redis } = restricted();
    await redis.set(lease, ELSEWHERE, 'PX', 600);
    const { received, ms } = await timedGet(open({ consumer: NAME }));
    expect(received).toEqual([]);
    expect(ms).toBeGreaterThan(500);
    expect(ms).toBeLessThan(5000);
  });

  it('is refused when the lease of another host is renewed', async () => {
    const { lease, open, redis } = restricted();
    await redis.set(lease, ELSEWHERE, 'PX', 10_000);
    await redis.config('RESETSTAT');
    const refused = rejectionOf(open({ consumer: NAME }).get());
    await eventually('the lease was looked at', async () => {
      const stats = await redis.info('commandstats');
      return /cmdstat_pttl:calls=[1-9]/.test(stats);
    });
    await redis.pexpire(lease, 15_000);
    expect((await refused).message).toContain('already consumed by process 1 on host "elsewhere"');
  });

  it('is not waited for once the fetch is aborted or the transport closed', async () => {
    const { lease, open, redis } = restricted();
    await redis.set(lease, ELSEWHERE, 'PX', 15_000);
    const transport = open({ consumer: NAME });
    const abort = new AbortController();
    const fetches = [transport.get({ wait: 60_000, signal: abort.signal }), transport.get({ wait: 60_000 })];
    const startedAt = performance.now();
    abort.abort();
    expect(await fetches[0]).toEqual([]);
    await transport.close();
    await Promise.allSettled(fetches);
    expect(performance.now() - startedAt).toBeLessThan(AT_ONCE_MS);
  });
});

describe('a consumer name that nobody chose', () => {
  it('is unique to the process, and shared by its transports', () => {
    const names = Array.from({ length: 50 }, () => {
      const { open } = application({ stream: 'never-used' });
      const [first, second] = [open(), open({ stream: 'never-used-either' })];
      expect(second.consumer).toBe(first.consumer);
      return first.consumer;
    });
    expect(new Set(names).size).toBe(names.length);
    names.forEach((name) => expect(name).toMatch(/^.+-\d+-[0-9a-f]{8}$/));
    expect(names[0]).toContain(`${hostname()}-${process.pid}-`);
  });

  it('is that of MESSENGER_CONSUMER_NAME, unless the DSN or the options name another', async () => {
    const env = { MESSENGER_CONSUMER_NAME: 'from the environment' };
    const { open, stream } = application({ env, urlOf: (name) => redisUrl(name) });
    const inPath = application({ env, stream, urlOf: (name) => `${redisUrl(name)}/symfony/from_the_path` });
    const transports = [open(), open({ consumer: 'from the options' }), inPath.open()];
    await transports[0]?.send(notes('a', 'b', 'c'));
    await Promise.all(transports.map((transport) => transport.get()));
    expect(await consumersOf(sharedRedis(), stream)).toEqual([
      'from the environment',
      'from the options',
      'from_the_path',
    ]);
  });
});
