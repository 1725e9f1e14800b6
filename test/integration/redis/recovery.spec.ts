import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/envelope/clock.js';
import type { Envelope } from '../../../lib/envelope/envelope.js';
import { DeliveryLimitError } from '../../../lib/errors/delivery-limit.error.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { ErrorDetailsStamp } from '../../../lib/stamp/error-details.stamp.js';
import { SentToFailureTransportStamp } from '../../../lib/stamp/sent-to-failure-transport.stamp.js';
import type { RedisTransport } from '../../../lib/transports/redis/redis.transport.js';
import { collect, createCore, handler } from '../../fixtures/core.js';
import { RemoteTransport } from './processes/remote-transport.js';
import {
  application,
  deliveriesOf,
  drain,
  idOf,
  manyNotes,
  Note,
  note,
  notes,
  only,
  textsOf,
} from './setup.js';
import { eventually } from './support/eventually.js';
import { perFile } from './support/lifetime.js';
import { startRedisServer } from './support/redis-server.js';
import { redisUrl, sharedRedis } from './support/shared-redis.js';

/** Seconds. */
const SHORT = { redeliverTimeout: 0.2, claimInterval: 500 };

/** A consumer that does not settle what it receives, and another of the same group. */
function setup(options: Readonly<Record<string, unknown>> = {}) {
  const { stream, open } = application();
  const next = application({ stream });
  const redis = sharedRedis();
  return {
    stream,
    redis,
    dead: open(options),
    next: next.open(options),
    log: next.logger,
    /** As if nobody had kept the messages alive for this long. */
    age: async (ids: readonly string[], consumer: string, ms: number): Promise<void> => {
      await redis.xclaim(stream, 'symfony', consumer, 0, ...ids, 'IDLE', ms, 'JUSTID');
    },
  };
}

async function claimEach(transport: RedisTransport, ids: readonly string[]): Promise<Envelope[]> {
  const claimed: Envelope[] = [];
  for (const id of ids) {
    const envelope = await transport.claim(id);
    claimed.push(...(envelope === undefined ? [] : [envelope]));
  }
  return claimed;
}

const HOUR_MS = 3_600_000;

async function consumersOf(redis: Redis, stream: string): Promise<string[]> {
  const infos = (await redis.xinfo('CONSUMERS', stream, 'symfony')) as unknown[][];
  return infos.map((info) => String(info[1])).toSorted();
}

describe('messages that nobody has kept alive', () => {
  it('go to another consumer in their order, many at a time, before new ones', async () => {
    const { dead, next, age } = setup();
    await dead.send(manyNotes(250));
    const lost = await dead.get({ max: 220 });
    await age(lost.map(idOf), dead.consumer, 60_000);
    const received = await drain(next, 100);
    expect(textsOf(received)).toEqual(textsOf(manyNotes(250)));
    expect(deliveriesOf(received)).toEqual(Array.from({ length: 250 }, (_, index) => (index < 220 ? 2 : 1)));
    expect(await next.ack(received)).toEqual({ lost: [] });
  });

  it('are found behind any number of others that are in good hands, also one by one', async () => {
    const { dead, next, age } = setup();
    await dead.send(manyNotes(2500));
    const held = await dead.get({ max: 2500 });
    const stale = [held[1200], held[2499]].map((envelope) => envelope ?? note('none'));
    await age(stale.map(idOf), dead.consumer, 60_000);
    expect(textsOf(await next.get({ max: 1 }))).toEqual(['1200']);
    expect(textsOf(await next.get({ max: 1 }))).toEqual(['2499']);
    expect(await next.get({ max: 1 })).toEqual([]);
  });

  it('wake a consumer that waits, once they are due', async () => {
    const { dead, next } = setup(SHORT);
    await dead.send(notes('a'));
    await dead.get();
    expect(textsOf(await next.get({ wait: 10_000 }))).toEqual(['a']);
  });

  it('are not those of a consumer that shows signs of life', async () => {
    const { dead, next, age } = setup();
    await dead.send(notes('kept', 'lost'));
    const held = await dead.get({ max: 2 });
    await age(held.map(idOf), dead.consumer, HOUR_MS);
    const [kept] = held;
    expect(await dead.keepalive(held.slice(0, 1))).toEqual([]);
    expect(textsOf(await next.get({ max: 2 }))).toEqual(['lost']);
    expect(await dead.ack(kept === undefined ? [] : [kept])).toEqual({ lost: [] });
  });

  it('go to the failure transport as crashed once they were delivered too often', async () => {
    const { stream, open } = application();
    const [transport, failed] = [
      open({ consumer: 'slot_01' }),
      open({ stream: `${stream}_failed` }, 'failed'),
    ];
    await transport.send([note('kills its worker')]);
    for (let crash = 1; crash <= 3; crash++) {
      const victim = new RemoteTransport(redisUrl(stream), { consumer: 'slot_01' });
      expect(await victim.get()).toEqual([{ text: 'kills its worker', delivery: crash }]);
      await victim.kill();
    }
    const handled: unknown[] = [];
    const core = createCore({
      transports: { async: transport, failed },
      handlers: [handler('never', Note, (message) => handled.push(message))],
      policies: { async: { failureTransport: 'failed' } },
      maxDeliveries: 3,
      clock: systemClock,
    });
    await core.workers.create(['async'], { stopWhenIdle: true }).run();
    expect(handled).toEqual([]);
    const kept = only(await failed.get({ max: 2 }));
    expect(textsOf([kept])).toEqual(['kills its worker']);
    expect(kept.last(SentToFailureTransportStamp)?.originalReceiverName).toBe('async');
    expect(kept.last(ErrorDetailsStamp)).toMatchObject({
      errorClass: DeliveryLimitError.name,
      errorMessage: expect.stringContaining('was delivered 4 times and never settled') as string,
    });
    expect(await transport.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
  });
});

describe('messages that were deleted from outside while they were pending', () => {
  it.each([
    ['XDEL', (redis: Redis, stream: string, ids: readonly string[]) => redis.xdel(stream, ...ids)],
    ['XTRIM', (redis: Redis, stream: string) => redis.xtrim(stream, 'MAXLEN', 1)],
  ])(
    'by %s are dropped with a warning and counted, and those after them are delivered',
    async (_, remove) => {
      const { stream, redis, dead, next, log, age } = setup();
      await dead.send(notes('a', 'b', 'c'));
      const ids = (await dead.get({ max: 3 })).map(idOf);
      await age(ids, dead.consumer, 60_000);
      await remove(redis, stream, ids.slice(0, 2));
      expect(textsOf(await next.get({ max: 10 }))).toEqual(['c']);
      expect(next.deletedCount).toBe(2);
      expect(log.texts('warn')).toEqual([
        `Transport "async": 2 message(s) of the stream "${stream}" were deleted from outside before they were handled, for ` +
          'instance by XDEL or XTRIM.',
      ]);
      expect((await next.messageCount()).inFlight).toBe(1);
    },
  );

  it('are dropped by a worker that resumes them as well', async () => {
    const { stream, open } = application();
    const consumer = 'slot_01';
    const victim = new RemoteTransport(redisUrl(stream), { consumer });
    await victim.send(['a', 'b']);
    await victim.get({ max: 2 });
    await victim.kill();
    const transport = open({ consumer });
    const [first] = await collect(transport.all(1));
    await sharedRedis().xdel(stream, first === undefined ? '' : idOf(first));
    expect(textsOf(await transport.get({ max: 10 }))).toEqual(['b']);
    expect(transport.deletedCount).toBe(1);
  });

  it('are reported as lost when they are settled, which is no error', async () => {
    const { stream, redis, dead } = setup();
    await dead.send(notes('a', 'b'));
    const held = await dead.get({ max: 2 });
    await redis.xdel(stream, ...held.map(idOf).slice(0, 1));
    await dead.keepalive(held);
    expect(await dead.ack(held)).toEqual({ lost: held.slice(0, 1) });
    expect((await dead.messageCount()).inFlight).toBe(0);
  });

  it('are stored all the same when a retry takes their place', async () => {
    const { stream, redis, dead, next } = setup();
    await dead.send(notes('a'));
    const received = only(await dead.get());
    await redis.xdel(stream, idOf(received));
    await dead.requeue([{ received, copy: note('a again'), to: dead }]);
    expect(textsOf(await next.get({ max: 2 }))).toEqual(['a again']);
  });
});

describe('a message that was claimed by its id', () => {
  it('can be claimed again once its claim has ended, also where nobody consumes', async () => {
    const { stream, redis, dead, next } = setup();
    const heldSet = `${stream}__held`;
    await dead.send([note('never delivered'), note('delayed', new DelayStamp(60_000))]);
    const ids = (await collect(next.all())).map(idOf);
    const claimed = await claimEach(dead, ids);
    expect(textsOf(claimed)).toEqual(['never delivered', 'delayed']);
    const inHand = (await collect(next.all())).map(idOf);
    expect(await claimEach(next, inHand)).toEqual([]);

    const [first = '', second = ''] = await redis.zrange(heldSet, 0, '-1');
    await redis.zadd(heldSet, Date.now() - 2, first, Date.now() - 1, second);

    const free = (await collect(next.all())).map(idOf);
    const again = await claimEach(next, free);
    expect(textsOf(again)).toEqual(['never delivered', 'delayed']);
    expect(await dead.ack(claimed)).toEqual({ lost: claimed });
    expect(await next.ack(again)).toEqual({ lost: [] });
    expect(await next.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
  });
});

describe('released messages', () => {
  it('go to a consumer in another process at once, in their order, before later ones, as if never delivered', async () => {
    const { stream, dead, next } = setup();
    const remote = new RemoteTransport(redisUrl(stream));
    await remote.send(['a', 'b', 'c', 'd']);
    await remote.get({ max: 3 });
    const waiting = dead.get({ max: 1, wait: 10_000 });
    expect(textsOf(await waiting)).toEqual(['d']);
    await remote.release('c', 'a');
    await remote.release('b');
    const received = await next.get({ max: 10 });
    expect([textsOf(received), deliveriesOf(received)]).toEqual([
      ['a', 'b', 'c'],
      [1, 1, 1],
    ]);
  });

  it('wake a consumer of another process that waits', async () => {
    const { stream, next } = setup();
    const remote = new RemoteTransport(redisUrl(stream));
    await remote.send(['a']);
    await remote.get();
    const waiting = next.get({ wait: 10_000 });
    await eventually('it waits', async () => (await sharedRedis().zcard(`${stream}__readers`)) > 1);
    await remote.release('a');
    expect(textsOf(await waiting)).toEqual(['a']);
  });
});

describe('consumers of the group that are gone', () => {
  const server = perFile((lifetime) => startRedisServer({ config: ['enable-debug-command yes'] }, lifetime));

  /** Lets consumers seem to have been silent for an hour: the time follows the name in the bytes of the key. */
  async function silence(redis: Redis, stream: string, names: readonly string[]): Promise<void> {
    const bytes = await redis.dumpBuffer(stream);
    for (const name of names) {
      bytes.writeBigInt64LE(BigInt(Date.now() - HOUR_MS), bytes.indexOf(name) + name.length);
    }
    await redis.call('DEBUG', 'SET-SKIP-CHECKSUM-VALIDATION', '1');
    await redis.restore(stream, 0, bytes, 'REPLACE');
  }

  it('are removed if they hold nothing, unlike live ones and those that hold messages', async () => {
    const urlOf = (name: string): string => `${server().url}/${name}`;
    const { stream, open } = application({ urlOf });
    const next = application({ stream, urlOf });
    const redis = server().client();
    const live = open({ consumer: 'live' });
    await live.send(notes('a', 'b', 'c', 'd'));
    await live.release(await live.get());
    await live.ack(await live.get());
    for (const name of ['holder', 'gone', 'recent']) {
      await redis.xreadgroup('GROUP', 'symfony', name, 'COUNT', 1, 'STREAMS', stream, '>');
    }
    const held = (await redis.xpending(stream, 'symfony', '-', '+', 9)) as unknown[][];
    await redis.xack(stream, 'symfony', ...held.slice(1).map(([id]) => String(id)));
    expect(await consumersOf(redis, stream)).toEqual(['(released)', 'gone', 'holder', 'live', 'recent']);

    await silence(redis, stream, ['(released)', 'gone', 'holder', 'live']);
    await next.open({ consumer: 'next' }).get();

    expect(await consumersOf(redis, stream)).toEqual(['holder', 'live', 'recent']);
    expect(next.logger.texts('info')).toEqual([
      `Removed consumers of "${stream}" that are gone: "(released)", "gone".`,
    ]);
  });
});
