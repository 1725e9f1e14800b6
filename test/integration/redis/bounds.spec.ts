import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/envelope/clock.js';
import { TransportFullError } from '../../../lib/errors/transport-full.error.js';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { MultiplierRetryStrategy } from '../../../lib/retry/multiplier.retry-strategy.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { collect, createCore, handler, rejectionOf } from '../../fixtures/core.js';
import { application, drain, idOf, manyNotes, Note, note, notes, textsOf } from './setup.js';
import { perFile } from './support/lifetime.js';
import { startRedisServer } from './support/redis-server.js';
import { sharedRedis } from './support/shared-redis.js';

const KEEPING = { deleteAfterAck: false, deleteAfterReject: false };

/** A stream that may hold three messages. */
function setup(options: Readonly<Record<string, unknown>> = {}) {
  const { stream, open } = application();
  const redis = sharedRedis();
  return {
    stream,
    open,
    transport: open({ streamMaxEntries: 3, ...options }),
    length: () => redis.xlen(stream),
  };
}

describe('a stream with "stream_max_entries"', () => {
  it('refuses what there is no room for, and says what to do', async () => {
    const { stream, transport, length } = setup();
    await transport.send(notes('a', 'b', 'c'));
    const error = await rejectionOf(transport.send(notes('d')));
    expect(error).toBeInstanceOf(TransportFullError);
    expect(error.message).toBe(
      `Transport "async": the stream "${stream}" holds 3 messages, and "stream_max_entries" allows 3, so there is no room for ` +
        '1 more. None is dropped to make room. Nothing was stored: dispatch again later, add workers, or raise the option.',
    );
    expect(await length()).toBe(3);
  });

  it('drops neither what waits nor what is in hand, and has room again for each that is settled', async () => {
    const { transport } = setup();
    await transport.send(notes('a', 'b', 'c'));
    const [a, b] = await transport.get({ max: 2 });
    await expect(transport.send(notes('d'))).rejects.toThrow(TransportFullError);
    await transport.ack(a === undefined ? [] : [a]);
    await transport.reject(b === undefined ? [] : [b]);
    await transport.send(notes('d', 'e'));
    await expect(transport.send(notes('f'))).rejects.toThrow(TransportFullError);
    expect(textsOf(await drain(transport))).toEqual(['c', 'd', 'e']);
  });

  it('stores all messages of one call or none, whatever else is sent at the same time', async () => {
    const { transport } = setup();
    const calls = [notes('a', 'b'), notes('c', 'd'), notes('e'), notes('f')];
    const delayed = note('later', new DelayStamp(60_000));
    const outcomes = await Promise.allSettled([
      ...calls.map((call) => transport.send(call)),
      transport.send([delayed, ...notes('g')]),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    expect(textsOf(await collect(transport.all()))).toEqual(['a', 'b', 'e']);
  });

  it('answers with the id of each message in the order they were given', async () => {
    const { transport } = setup({ streamMaxEntries: 100 });
    const mixed = [
      note('a'),
      note('b', new DelayStamp(60_000)),
      note('c'),
      note('d', new DelayStamp(60_001)),
    ];
    const sent = await transport.send(mixed);
    const found = await Promise.all(sent.map((envelope) => transport.find(idOf(envelope))));
    expect(found.map((envelope) => envelope && textsOf([envelope])[0])).toEqual(['a', 'b', 'c', 'd']);
  });

  it.each([0, 1])('never refuses a retry, though it is full: after %i ms', async (delay) => {
    const { transport } = setup({ streamMaxEntries: 1 });
    await transport.send(notes('a'));
    const others: unknown[] = [];
    const core = createCore({
      transports: { async: transport },
      clock: systemClock,
      handlers: [
        handler<Note>('fails once', Note, async () => {
          others.push(await rejectionOf(transport.send(notes('b'))));
          if (others.length === 1) {
            throw new TypeError('once');
          }
        }),
      ],
      policies: { async: { retryStrategy: new MultiplierRetryStrategy({ delay, jitter: 0 }) } },
    });
    await core.workers.create(['async'], { limit: 2 }).run();
    expect(others).toEqual([expect.any(TransportFullError), expect.any(TransportFullError)]);
    expect(await transport.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
  });
});

describe('a stream with "stream_max_entries" from which nothing is deleted', () => {
  it('makes room by dropping what is acknowledged, oldest first, and nothing else', async () => {
    const { transport, length } = setup({ ...KEEPING, streamMaxEntries: 10 });
    for (let round = 0; round < 5; round++) {
      await transport.send(manyNotes(5, `${round}.`));
      await transport.ack(await drain(transport));
      expect(await length()).toBeLessThanOrEqual(10);
    }
    await transport.send(manyNotes(4));
    const [first, second] = await transport.get({ max: 2 });
    await transport.ack(second === undefined ? [] : [second]);
    // The first is in hand, so nothing after it may go.
    const sent = await Promise.allSettled(manyNotes(20, 'x').map((each) => transport.send([each])));
    const stored = sent.filter(({ status }) => status === 'fulfilled').length;
    expect(stored).toBeGreaterThanOrEqual(6);
    expect(await length()).toBeLessThanOrEqual(10);
    expect(textsOf(await drain(transport))).toHaveLength(2 + stored);
    expect(await transport.find(first === undefined ? '' : idOf(first))).toBeDefined();
    expect(await transport.ack(first === undefined ? [] : [first])).toEqual({ lost: [] });
  });

  it.each(['audit', 'zebra'])(
    'drops nothing that another group has not acknowledged: "%s"',
    async (group) => {
      const { transport, open } = setup(KEEPING);
      const audit = open({ ...KEEPING, group });
      await audit.get();
      await transport.send(notes('a', 'b', 'c'));
      await transport.ack(await drain(transport));
      await expect(transport.send(notes('d'))).rejects.toThrow(TransportFullError);
      const received = await audit.get({ max: 2 });
      expect(textsOf(received)).toEqual(['a', 'b']);
      await expect(transport.send(notes('d'))).rejects.toThrow(TransportFullError);
      await audit.ack(received);
      await transport.send(notes('d'));
      expect(textsOf(await drain(audit))).toEqual(['c', 'd']);
    },
  );

  it('drops nothing if nobody consumes it', async () => {
    const { transport, length } = setup(KEEPING);
    await transport.send(notes('a', 'b', 'c'));
    await expect(transport.send(notes('d'))).rejects.toThrow(TransportFullError);
    expect(await length()).toBe(3);
  });

  it.each([
    ['rejected', { deleteAfterAck: true, deleteAfterReject: false }, 'reject' as const],
    ['acknowledged', { deleteAfterAck: false, deleteAfterReject: true }, 'ack' as const],
  ])('counts and lists what waits, not what was %s and stays', async (_, options, settle) => {
    const { transport, length } = setup(options);
    await transport.send(notes('a', 'b', 'c'));
    await transport[settle](await transport.get({ max: 2 }));
    expect(await length()).toBe(3);
    expect(await transport.messageCount()).toMatchObject({ ready: 1, inFlight: 0, delayed: 0 });
    expect(textsOf(await collect(transport.all()))).toEqual(['c']);
    await transport.send(notes('d'));
    expect(textsOf(await drain(transport))).toEqual(['c', 'd']);
  });

  it('comes down to a lower limit step by step', async () => {
    const { transport, open, length } = setup({ ...KEEPING, streamMaxEntries: 10_000 });
    await transport.send(manyNotes(3000));
    await transport.ack(await drain(transport));
    const lower = open({ ...KEEPING, streamMaxEntries: 10, consumer: 'lower' });
    const lengths: number[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      await lower.send(notes('a')).catch(() => undefined);
      lengths.push(await length());
    }
    expect(lengths).toEqual([2000, 1000, 10, 10]);
  });
});

describe('a transport with "wait_replicas"', () => {
  const servers = perFile(async (lifetime) => {
    const master = await startRedisServer({}, lifetime);
    const replica = await startRedisServer({ replicaOf: master }, lifetime);
    return { master, replica };
  });

  function replicated(options: Readonly<Record<string, unknown>> = {}) {
    const { master } = servers();
    const app = application({ urlOf: (stream) => `${master.url}/${stream}` });
    return { ...app, transport: app.open({ waitReplicas: 1, waitTimeout: 2000, ...options }) };
  }

  it('stores a message when a replica has it', async () => {
    const { stream, transport } = replicated();
    await transport.send([note('a'), note('b', new DelayStamp(60_000))]);
    await Promise.all(notes('c', 'd').map((each) => transport.send([each])));
    const replica = servers().replica.client();
    expect(await replica.xlen(stream)).toBe(3);
    expect(await replica.zcard(`${stream}__queue`)).toBe(1);
  });

  it.each([
    ['at once', note('a'), {}],
    ['delayed', note('a', new DelayStamp(60_000)), {}],
    ['in a stream with a limit', note('a'), { streamMaxEntries: 9 }],
  ])(
    'rejects when too few have a message in time, and says that it is stored: %s',
    async (_, message, options) => {
      const { transport } = replicated({ ...options, waitReplicas: 2, waitTimeout: 50 });
      const error = await rejectionOf(transport.send([message]));
      expect(error).toBeInstanceOf(TransportError);
      // One, unless the replica is slow.
      expect(error.message.replace('only 0', 'only 1')).toBe(
        'Transport "async": the message is stored, but only 1 of 2 replica(s) ("wait_replicas") had it within 50 ms. It may be ' +
          'lost in a failover, or handled.',
      );
      expect(await collect(transport.all())).toHaveLength(1);
    },
  );
});
