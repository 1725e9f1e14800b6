import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Envelope } from '../../../lib/envelope/envelope.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { keysOf } from '../../../lib/transports/redis/redis.keys.js';
import type { RedisTransport } from '../../../lib/transports/redis/redis.transport.js';
import { collect } from '../../fixtures/core.js';
import { type Consumed, RemoteTransport } from './processes/remote-transport.js';
import { application, idOf, measureNoise, median, note, only, percentile, textsOf } from './setup.js';
import { eventually } from './support/eventually.js';
import { redisUrl, sharedRedis } from './support/shared-redis.js';

/** A member of the set as Symfony Messenger writes it, byte for byte. */
const PHP_MEMBER =
  String.raw`{"body":"{\"text\":\"caf\\u00e9\"}","headers":{"type":"Note",` +
  String.raw`"X-Message-Stamp-Symfony\\Component\\Messenger\\Stamp\\DelayStamp":"[{\"delay\":2000}]","Content-Type":"application\/json"}`;
const PHP_UNIQID = ',"uniqid":"6b03019d0cd6e4.83333044"}';

/** For what measures time: the machine may have had other things to do. */
const BUSY = { retry: 2 };

/** A producer and a consumer of one stream, as two processes see it. */
function setup() {
  const { stream, open } = application();
  const keys = keysOf(stream, false);
  return {
    stream,
    keys,
    redis: sharedRedis(),
    producer: open(),
    consumer: application({ stream }).open(),
  };
}

function delayed(text: string, ms: number): Envelope {
  return note(text, new DelayStamp(ms));
}

/** When a delayed message is due by Redis's clock, as an epoch in milliseconds. */
function dueOf(sent: Envelope): number {
  return Number(idOf(sent).split(':')[0]);
}

/** A process that waits for messages and acknowledges them. */
async function consumingProcess(stream: string, max = 10): Promise<RemoteTransport> {
  const remote = new RemoteTransport(redisUrl(stream));
  await remote.consume(max);
  await remote.send(['ready']);
  await eventually('it consumes', () => remote.consumed.some(({ text }) => text === 'ready'));
  return remote;
}

/**
 * How late the other process gets delayed messages, in milliseconds; and, as what the machine adds to that, how late it gets
 * others that are sent at once meanwhile.
 */
async function lateness(producer: RedisTransport, remote: RemoteTransport, count: number) {
  const ticking = setInterval(() => void producer.send([note(`sent ${Date.now()}`)]), 25);
  onTestFinished(() => clearInterval(ticking));
  const dues = new Map<string, number>();
  for (let index = 0; index < count; index++) {
    const sent = only(await producer.send([delayed(String(index), 100 + index * 7.3)]));
    dues.set(String(index), dueOf(sent));
  }
  const isDelayed = ({ text }: Consumed): boolean => dues.has(text);
  await eventually('all have come', () => remote.consumed.filter(isDelayed).length === count);
  clearInterval(ticking);
  const lateBy = (due: number | undefined, at: number): number => at - (due ?? Number.NaN);
  return {
    late: remote.consumed.filter(isDelayed).map(({ text, at }) => lateBy(dues.get(text), at)),
    others: remote.consumed
      .filter(({ text }) => text.startsWith('sent '))
      .map(({ text, at }) => lateBy(Number(text.slice(5)), at)),
  };
}

describe('a delayed message in Redis', () => {
  it('reaches a process that waits within milliseconds of its time, and never before', BUSY, async () => {
    const { stream, producer } = setup();
    const remote = await consumingProcess(stream);
    const { late, others } = await lateness(producer, remote, 200);
    // The system's clock is read in whole milliseconds.
    expect(Math.min(...late)).toBeGreaterThan(-1.5);
    expect(median(late)).toBeLessThan(10 + 2 * median(others));
    expect(percentile(late, 99)).toBeLessThan(50 + 2 * percentile(others, 99));
  });

  it('that another process schedules wakes a consumer that waits for a later one', BUSY, async () => {
    const { producer, consumer } = setup();
    await producer.send([delayed('later', 60_000)]);
    const waiting = consumer.get({ wait: 20_000 });
    await pause(50);
    const noise = measureNoise();
    const sent = only(await producer.send([delayed('sooner', 200)]));
    expect(textsOf(await waiting)).toEqual(['sooner']);
    expect(Date.now() - dueOf(sent)).toBeLessThan(50 + noise(100));
  });

  it('keeps the order in which it was sent among those of one time', async () => {
    const { producer, consumer } = setup();
    // Downwards: Redis sorts those of one time by their content.
    const texts = Array.from({ length: 2000 }, (_, index) => String(9999 - index));
    // One after the other, so that they are scheduled at various fractions of a millisecond.
    for (let from = 0; from < texts.length; from += 200) {
      await producer.send(texts.slice(from, from + 200).map((text) => delayed(text, 50)));
    }
    const received: string[] = [];
    while (received.length < texts.length) {
      received.push(...textsOf(await consumer.get({ max: 1000, wait: 5000 })));
    }
    expect(received).toEqual(texts);
  });

  it('is sent as often as it was dispatched, also with the same content at the same time', async () => {
    const { producer, consumer } = setup();
    await producer.send([delayed('a', 50), delayed('a', 50), delayed('a', 50)]);
    const received: string[] = [];
    while (received.length < 3) {
      received.push(...textsOf(await consumer.get({ max: 10, wait: 5000 })));
    }
    expect(received).toEqual(['a', 'a', 'a']);
  });

  it('has one id from its dispatch until it is due, by which it is found and claimed', async () => {
    const { producer, consumer } = setup();
    const sent = await producer.send(
      Array.from({ length: 300 }, (_, index) => delayed(String(index), 60_000)),
    );
    expect((await collect(consumer.all())).map(idOf)).toEqual(sent.map(idOf));
    for (const envelope of sent.slice(0, 20)) {
      const found = await consumer.find(idOf(envelope));
      const claimed = await producer.claim(idOf(envelope));
      expect([found, claimed].map((each) => each && textsOf([each]))).toEqual(
        [envelope, envelope].map((each) => textsOf([each])),
      );
    }
  });

  it('is due by the clock of Redis, whatever that of a process says', async () => {
    vi.useFakeTimers({ now: Date.now() + 3_600_000, toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const { producer, consumer, redis } = setup();
    const before = await redisNow(redis);
    const sent = only(await producer.send([delayed('a', 150)]));
    expect(dueOf(sent) - before).toBeGreaterThanOrEqual(150);
    expect(dueOf(sent) - before).toBeLessThan(1150);
    expect(await consumer.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 1 });
    expect(textsOf(await consumer.get({ wait: 5000 }))).toEqual(['a']);
    expect(await redisNow(redis)).toBeGreaterThanOrEqual(dueOf(sent));
  });
});

async function redisNow(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1000 + Number(micros) / 1000;
}

describe('many delayed messages that are due at once', () => {
  const COUNT = 20_000;

  /** Schedules them for the past, as if nobody had consumed for an hour. */
  async function backlog(redis: Redis, key: string, count = COUNT): Promise<string[]> {
    const texts = Array.from({ length: count }, (_, index) => String(index));
    const due = (await redisNow(redis)) - 3_600_000;
    const pipeline = redis.pipeline();
    for (const text of texts) {
      const body = JSON.stringify({ text });
      pipeline.zadd(key, 'NX', due, JSON.stringify({ body, headers: { type: 'Note' }, uniqid: text }));
    }
    await pipeline.exec();
    return texts;
  }

  /** How long commands of another client take until `done`. */
  async function pings(redis: Redis, done: Promise<unknown>): Promise<number[]> {
    const times: number[] = [];
    let isDone = false;
    void done.finally(() => (isDone = true));
    while (!isDone) {
      const sentAt = performance.now();
      await redis.ping();
      times.push(performance.now() - sentAt);
      await pause(1);
    }
    return times;
  }

  it('do not hold up other commands, and all come exactly once', BUSY, async () => {
    const { stream, keys, redis } = setup();
    const texts = await backlog(redis, keys.delayed);
    const remote = new RemoteTransport(redisUrl(stream));
    await remote.consume(500);
    const all = eventually('all have come', () => remote.consumed.length >= COUNT);
    const noise = measureNoise();
    const times = await pings(redis, all);
    await all;
    expect(Math.max(...times)).toBeLessThan(50 + noise(100));
    expect(remote.consumed.map(({ text }) => text).toSorted()).toEqual(texts.toSorted());
  });

  it('survive that the processes which move them are killed', BUSY, async () => {
    const { stream, keys, redis } = setup();
    const texts = await backlog(redis, keys.delayed, COUNT / 2);
    const left: number[] = [];
    for (let before = texts.length; before > 0 && left.length < 3; before = left.at(-1) ?? 0) {
      const mover = new RemoteTransport(redisUrl(stream));
      void mover.get({ wait: 10_000 }).catch(() => undefined);
      await eventually('some are moved', async () => (await redis.zcard(keys.delayed)) < before);
      await mover.kill();
      left.push(await redis.zcard(keys.delayed));
    }
    expect(left.some((count) => count > 0)).toBe(true);
    const { open } = application({ stream });
    // Those who were killed have received one message each.
    const consumer = open({ redeliverTimeout: 1, claimInterval: 500 });
    const received: string[] = [];
    await eventually('all have come', async () => {
      const envelopes = await consumer.get({ max: 1000, wait: 1000 });
      await consumer.ack(envelopes);
      received.push(...textsOf(envelopes));
      return received.length >= texts.length;
    });
    expect(received.toSorted()).toEqual(texts.toSorted());
    expect(await consumer.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
  });
});

describe('a delayed message of Symfony Messenger', () => {
  it.each([
    ['with its "uniqid"', `${PHP_MEMBER}${PHP_UNIQID}`],
    ['with a "uniqid" in base64', `${PHP_MEMBER},"uniqid":"q1\\/w+Z09AAA="}`],
    ['without a "uniqid"', `${PHP_MEMBER}}`],
  ])('%s is moved as it is, but for the "uniqid"', async (_, member) => {
    const { keys, redis, consumer } = setup();
    await redis.zadd(keys.delayed, 'NX', Date.now() + 100, member);
    const received = await consumer.get({ wait: 5000 });
    expect(textsOf(received)).toEqual(['café']);
    const entries = await redis.xrange(keys.stream, '-', '+');
    expect(entries.map(([, fields]) => fields)).toEqual([['message', `${PHP_MEMBER}}`]]);
    expect(await consumer.ack(received)).toEqual({ lost: [] });
    expect(await redis.exists(keys.delayed, keys.held)).toBe(0);
  });

  it('is due at once with a score that its own consumer would take for the future', async () => {
    const { keys, redis, consumer } = setup();
    await redis.zadd(keys.delayed, 'NX', Math.floor(Date.now() / 1000) + 3600, `${PHP_MEMBER}}`);
    expect(textsOf(await consumer.get({ wait: 5000 }))).toEqual(['café']);
  });
});
