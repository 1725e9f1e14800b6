import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/envelope/clock.js';
import type { RedisTransport } from '../../../lib/transports/redis/redis.transport.js';
import { createCore, handler } from '../../fixtures/core.js';
import { application, idOf, measureNoise, median, Note, note, notes, textsOf } from './setup.js';
import { eventually } from './support/eventually.js';
import { startRedisServer } from './support/redis-server.js';
import { redisUrl, sharedRedis, uniqueStream } from './support/shared-redis.js';

/** Longer than any test: only what is tested can end the wait. */
const FOREVER = 3_600_000;

/** What "at once" means on a busy machine. */
const AT_ONCE_MS = 300;

/** For what measures time: the machine may have had other things to do. */
const BUSY = { retry: 2 };

/** The transports of one process, each on a stream of its own, and another process that sends. */
function setup({ redis = sharedRedis(), urlOf = redisUrl } = {}) {
  // Of no process; so its connections can be told from all others.
  const identity = { host: 'host', pid: randomInt(10_000_000, 2 ** 40) };
  const [app, sender] = [application({ identity, urlOf }), application({ urlOf })];
  const streams = [uniqueStream(), uniqueStream(), uniqueStream()];
  const [high, low, third] = streams.map((stream, index) => app.open({ stream }, `transport ${index}`));
  return {
    redis,
    transports: { high, low, third } as Record<'high' | 'low' | 'third', RedisTransport>,
    senders: streams.map((stream) => sender.open({ stream })),
    connections: () => clientsOf(redis, `messenger-${identity.pid}-`),
    streams,
  };
}

interface Client {
  readonly isBlocked: boolean;
  readonly command: string;
}

async function clientsOf(redis: Redis, prefix: string): Promise<Client[]> {
  const list = (await redis.client('LIST')) as string;
  return list
    .split('\n')
    .filter((line) => line.includes(` name=${prefix}`))
    .map((line) => ({
      isBlocked: / flags=\w*b/.test(line),
      command: / cmd=(\S+)/.exec(line)?.[1] ?? '',
    }));
}

/** A fetch that waits already when this resolves. */
async function waitingGet(
  { connections }: ReturnType<typeof setup>,
  transport: RedisTransport,
  options: { readonly max?: number; readonly signal?: AbortSignal } = {},
) {
  const result = transport.get({ wait: FOREVER, ...options });
  await eventually('it waits', async () => (await connections()).some(({ isBlocked }) => isBlocked));
  return { result };
}

describe('a waiting fetch of the Redis transport', () => {
  it('is woken by a message within milliseconds', BUSY, async () => {
    const world = setup();
    const { transports, senders, redis, streams } = world;
    const latencies: number[] = [];
    const noise = measureNoise();
    for (let run = 0; run < 40; run++) {
      const { result } = await waitingGet(world, transports.high);
      const sentAt = performance.now();
      await (run % 2 === 0 ? senders[0]?.send([note('a')]) : redis.xadd(streams[0] ?? '', '*', 'body', 'a'));
      const received = await result;
      latencies.push(performance.now() - sentAt);
      await transports.high.ack(received);
    }
    expect(median(latencies)).toBeLessThan(5 + noise(50));
  });

  it('shares one connection with all that wait in the process', async () => {
    const world = setup();
    const { transports, senders, connections } = world;
    const { high, low, third } = transports;
    const results = [
      await waitingGet(world, high),
      await waitingGet(world, low),
      await waitingGet(world, third),
    ];
    expect((await connections()).toSorted((a, b) => Number(a.isBlocked) - Number(b.isBlocked))).toEqual([
      { isBlocked: false, command: expect.any(String) as string },
      { isBlocked: true, command: 'xreadgroup' },
    ]);
    for (const [index, { result }] of results.entries()) {
      await senders[index]?.send([note(String(index))]);
      expect(textsOf(await result)).toEqual([String(index)]);
    }
    expect(await connections()).toHaveLength(2);
  });

  it('joins another that waits already', BUSY, async () => {
    const world = setup();
    const { transports, senders } = world;
    await transports.low.get();
    const { result: first } = await waitingGet(world, transports.high);
    const noise = measureNoise();
    const startedAt = performance.now();
    const second = transports.low.get({ wait: FOREVER });
    await transports.low.send(notes('late'));
    expect(textsOf(await second)).toEqual(['late']);
    expect(performance.now() - startedAt).toBeLessThan(AT_ONCE_MS + noise(100));
    await senders[0]?.send(notes('first'));
    expect(textsOf(await first)).toEqual(['first']);
  });

  it('leaves the others alone when it is aborted', async () => {
    const world = setup();
    const { transports, senders } = world;
    const abort = new AbortController();
    const { result: aborted } = await waitingGet(world, transports.high, { signal: abort.signal });
    const { result: other } = await waitingGet(world, transports.low);
    abort.abort();
    expect(await aborted).toEqual([]);
    await senders[0]?.send(notes('for nobody'));
    await senders[1]?.send(notes('a'));
    expect(textsOf(await other)).toEqual(['a']);
    expect(await transports.high.messageCount()).toMatchObject({ ready: 1, inFlight: 0 });
  });

  it('ends at once when it is aborted', BUSY, async () => {
    const world = setup();
    const times: number[] = [];
    const noise = measureNoise();
    for (let run = 0; run < 10; run++) {
      const abort = new AbortController();
      const { result } = await waitingGet(world, world.transports.high, { signal: abort.signal });
      const abortedAt = performance.now();
      abort.abort();
      expect(await result).toEqual([]);
      times.push(performance.now() - abortedAt);
    }
    expect(median(times)).toBeLessThan(20 + noise(50));
    expect(Math.max(...times)).toBeLessThan(AT_ONCE_MS + noise(100));
  });

  it('gets nothing once it was aborted, however far it had come', async () => {
    const { transports, senders } = setup();
    const { high } = transports;
    await high.get();
    for (let steps = 0; steps < 30; steps++) {
      const abort = new AbortController();
      const result = high.get({ wait: FOREVER, signal: abort.signal });
      for (let step = 0; step < steps; step++) {
        await Promise.resolve();
      }
      abort.abort();
      const sent = senders[0]?.send([note(String(steps))]);
      const received = await result;
      await sent;
      await high.release(received);
      expect((await high.messageCount()).inFlight).toBe(0);
      await high.ack(await high.get());
    }
  });

  it('ends when the transport is closed, and lets the others wait on', async () => {
    const world = setup();
    const { transports, senders, connections } = world;
    const { result: closed } = await waitingGet(world, transports.high);
    const { result: other } = await waitingGet(world, transports.low);
    const closingAt = performance.now();
    await transports.high.close();
    expect(await closed).toEqual([]);
    expect(performance.now() - closingAt).toBeLessThan(AT_ONCE_MS);
    await senders[1]?.send(notes('a'));
    expect(textsOf(await other)).toEqual(['a']);
    await transports.low.close();
    await transports.third.close();
    await eventually('the connections are closed', async () => (await connections()).length === 0);
  });

  it('shares what comes with others on the same transport, so that each message goes to one', async () => {
    const world = setup();
    const { transports, senders } = world;
    const results = await Promise.all(
      [1, 2, 3].map(async () => waitingGet(world, transports.high, { max: 1 })),
    );
    await senders[0]?.send(notes('a', 'b', 'c'));
    const received = (await Promise.all(results.map(({ result }) => result))).flat();
    expect(textsOf(received).toSorted()).toEqual(['a', 'b', 'c']);
    expect(new Set(received.map(idOf)).size).toBe(3);
  });

  it('ends with nothing when its time is over, not before', async () => {
    const { transports } = setup();
    await transports.high.get();
    const startedAt = performance.now();
    expect(await transports.high.get({ wait: 120 })).toEqual([]);
    const ms = performance.now() - startedAt;
    expect(ms).toBeGreaterThanOrEqual(119);
    expect(ms).toBeLessThan(120 + AT_ONCE_MS);
  });
});

describe('a worker on two Redis transports', () => {
  function working(world: ReturnType<typeof setup>) {
    const { high, low } = world.transports;
    const handled: string[] = [];
    const core = createCore({
      transports: { high, low },
      clock: systemClock,
      handlers: [handler<Note>('handle', Note, ({ text }) => handled.push(text))],
    });
    const worker = core.workers.create(['high', 'low'], { prefetch: 0 });
    const ended = worker.run();
    return {
      handled,
      stop: async (): Promise<void> => {
        worker.stop('the test says so');
        await ended;
      },
    };
  }

  /** What clients asked for, without what scripts do. */
  async function commandsDuring(port: number, ms: number): Promise<string[]> {
    const monitor = connect(port, '127.0.0.1', () => monitor.write('MONITOR\r\n'));
    await once(monitor, 'data');
    const output = text(monitor);
    await pause(ms);
    monitor.end('QUIT\r\n');
    const commands = (await output).matchAll(/ \[\d+ [^\]l]+\] "(\w+)"/g);
    return [...commands].map(([, command = '']) => command.toLowerCase());
  }

  it('takes from the first as long as there is anything', async () => {
    const world = setup();
    await world.senders[1]?.send(notes('low 1', 'low 2', 'low 3'));
    await world.senders[0]?.send(notes('high 1', 'high 2', 'high 3'));
    const { handled, stop } = working(world);
    await eventually('all are handled', () => handled.length === 6);
    await stop();
    expect(handled).toEqual(['high 1', 'high 2', 'high 3', 'low 1', 'low 2', 'low 3']);
  });

  it('does not poll while both are empty, and hears of a message in either', async () => {
    const server = await startRedisServer();
    const world = setup({ redis: server.client(), urlOf: (stream) => `${server.url}/${stream}` });
    const { handled, stop } = working(world);
    await eventually('it waits', async () => (await world.connections()).some(({ isBlocked }) => isBlocked));
    // Longer than a read waits, so that one is seen to begin.
    const commands = await commandsDuring(server.port, 2000);

    expect(commands.length).toBeLessThan(80);
    const reads = commands.filter((command) => command === 'xreadgroup');
    expect(reads.length).toBeGreaterThan(0);
    expect(reads.length).toBeLessThan(20);
    await world.senders[1]?.send(notes('low'));
    await eventually('it is handled', () => handled.includes('low'));
    await world.senders[0]?.send(notes('high'));
    await eventually('it is handled', () => handled.includes('high'));
    await stop();
  });
});
