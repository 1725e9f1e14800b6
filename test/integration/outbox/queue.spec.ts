import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { UnknownTransactionError } from '../../../lib/errors/unknown-transaction.error.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { RedeliveredStamp } from '../../../lib/stamp/redelivered.stamp.js';
import { TransportMessageIdStamp } from '../../../lib/stamp/transport-message-id.stamp.js';
import type { SqlTransport } from '../../../lib/transports/sql/sql.transport.js';
import { rejectionOf } from '../../fixtures/core.js';
import { kindsOfDatabase, type Place, type StoreOptions } from './places.js';
import { outboxIn, Paid } from './support.js';

const LONG_MS = 30_000;
const paid = (id: number): Envelope => new Envelope<object>(new Paid(id));
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, id) => id);
const idsOf = (envelopes: readonly Envelope[]): readonly number[] =>
  envelopes.map(({ message }) => (message as Paid).id);
const take = async (queue: SqlTransport, max = 10): Promise<readonly number[]> =>
  idsOf(await queue.get({ max }));
const transportIdsOf = (envelopes: readonly Envelope[]) =>
  envelopes.map((envelope) => envelope.last(TransportMessageIdStamp)?.id);

/** Outboxes of several processes. */
const outboxesIn = <N extends 2 | 4>(place: Place, count: N, options?: StoreOptions) =>
  numbers(count).map(() => outboxIn(place.openStore(options))) as unknown as N extends 2
    ? readonly [SqlTransport, SqlTransport]
    : readonly [SqlTransport, SqlTransport, SqlTransport, SqlTransport];

describe.each(kindsOfDatabase())('messages that are stored in a transaction on $name', ({ open }) => {
  it('are there when it commits, with ids, and not before', async () => {
    const place = open();
    const store = place.openStore();
    await store.setup();

    const sent = await place.transaction(async (transaction) => {
      const stored = await store.sendIn(transaction, [paid(1), paid(2), paid(3)]);
      expect((await store.messageCount()).ready).toBe(0);
      return stored;
    });

    const received = await store.get({ max: 10 });
    expect(idsOf(received)).toEqual([1, 2, 3]);
    expect(transportIdsOf(received)).toEqual(transportIdsOf(sent));
  });

  it('are not when it is rolled back', async () => {
    const place = open();
    const store = place.openStore();

    const work = place.transaction(async (transaction) => {
      await store.sendIn(transaction, [paid(1)]);
      throw new RangeError('no');
    });

    expect(await rejectionOf(work)).toBeInstanceOf(RangeError);
    expect((await store.messageCount()).ready).toBe(0);
  });

  it('are many at once, in their order', async () => {
    const place = open();
    const store = place.openStore();
    const ids = numbers(1234);

    const sent = await place.transaction((transaction) => store.sendIn(transaction, ids.map(paid)));

    const taken = [
      await store.get({ max: 500 }),
      await store.get({ max: 500 }),
      await store.get({ max: 500 }),
    ];
    expect(idsOf(taken.flat())).toEqual(ids);
    expect(transportIdsOf(taken.flat())).toEqual(transportIdsOf(sent));
  });

  it('wait for their delay', async () => {
    const place = open();
    const store = place.openStore();

    await place.transaction((transaction) =>
      store.sendIn(transaction, [paid(1).with(new DelayStamp(60_000))]),
    );

    expect(await store.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 1 });
  });

  it('are refused in what is no transaction', async () => {
    expect(
      await rejectionOf(
        open()
          .openStore()
          .sendIn({}, [paid(1)]),
      ),
    ).toBeInstanceOf(UnknownTransactionError);
  });
});

describe.each(kindsOfDatabase())('an outbox in $name', ({ open }) => {
  it('is a queue of its own in the same table', async () => {
    const store = open().openStore();
    const queue = outboxIn(store);

    await queue.send([paid(1)]);

    expect((await store.messageCount()).ready).toBe(0);
    expect(queue.location).toBe(`${store.location}.outbox.async`);
    expect(await take(queue)).toEqual([1]);
  });

  it('hands out nothing while somebody has a message of it', async () => {
    const [a, b] = outboxesIn(open(), 2);
    await a.send(numbers(4).map(paid));

    const held = await a.get({ max: 2 });
    expect(await take(b)).toEqual([]);
    expect(await take(a)).toEqual([]);
    await a.ack(held.slice(0, 1));
    expect(await take(b)).toEqual([]);
    await b.send([paid(4)]);
    await a.release(held.slice(1));

    expect(await take(b)).toEqual([1, 2, 3, 4]);
  });

  it('hands out to one of those who ask at the same time, each time, and in order', async () => {
    const queues = outboxesIn(open(), 4);
    const ids = numbers(60);
    await queues[0].send(ids.map(paid));
    await Promise.all(queues.map((queue) => queue.messageCount()));
    const taken: number[] = [];

    while (taken.length < ids.length) {
      const claims = await Promise.all(queues.map((queue, index) => queue.get({ max: 2 + index })));
      const [claim = [], ...others] = claims.filter((envelopes) => envelopes.length > 0);
      expect(others).toEqual([]);
      taken.push(...idsOf(claim));
      await queues[claims.indexOf(claim)]?.ack(claim);
    }

    expect(taken).toEqual(ids);
  });

  it('never breaks the order, though claims, settlements and releases overlap', async () => {
    const queues = outboxesIn(open(), 4);
    const ids = numbers(80);
    await queues[0].send(ids.map(paid));
    const handled: number[] = [];
    let holders = 0;

    const forward = async (queue: SqlTransport, index: number): Promise<void> => {
      while (handled.length < ids.length) {
        const claimed = await queue.get({ max: 1 + index, wait: 50 });
        if (claimed.length > 0) {
          holders += 1;
          expect(holders).toBe(1);
          const done = claimed.slice(0, Math.ceil(claimed.length / 2));
          handled.push(...idsOf(done));
          holders -= 1;
          await queue.ack(done);
          await queue.release(claimed.slice(done.length));
        }
      }
    };
    await Promise.all(queues.map(forward));

    expect(handled).toEqual(ids);
  });

  it('hands out the same again when their lease is over, and lets nobody settle what he has lost', async () => {
    const [a, b] = outboxesIn(open(), 2, { redeliverTimeout: 1.5 });
    await a.send([1, 2, 3].map(paid));
    const held = await a.get({ max: 2 });
    const since = performance.now();
    await b.send([paid(4)]);

    const taken = await b.get({ max: 3, wait: LONG_MS });

    expect(performance.now() - since).toBeGreaterThan(1000);
    expect(idsOf(taken)).toEqual([1, 2, 3]);
    expect(taken.map((envelope) => envelope.last(RedeliveredStamp)?.deliveryCount)).toEqual([
      2,
      2,
      undefined,
    ]);
    expect(await a.ack(held)).toEqual({ lost: held });
    expect(await a.keepalive(held)).toEqual(held);
    expect((await b.messageCount()).inFlight).toBe(3);
  });

  it('keeps those whose claim is prolonged', async () => {
    const [a, b] = outboxesIn(open(), 2, { redeliverTimeout: 2 });
    await a.send([1, 2].map(paid));
    const held = await a.get({ max: 1 });

    for (let renewal = 0; renewal < 6; renewal++) {
      expect(await a.keepalive(held)).toEqual([]);
      expect(await b.get({ max: 5, wait: 500 })).toEqual([]);
    }
    await a.ack(held);

    expect(await take(b)).toEqual([2]);
  });

  it('has what is delayed due at once, in its place', async () => {
    const place = open();
    const queue = outboxIn(place.openStore());
    const delayed = (id: number): Envelope => paid(id).with(new DelayStamp(60_000));

    await queue.send([delayed(1), paid(2)]);
    await place.transaction((transaction) => queue.sendIn(transaction, [delayed(3), paid(4)]));

    const { oldestAge, ...counts } = await queue.messageCount();
    expect(counts).toMatchObject({ ready: 4, delayed: 0 });
    // Their places are no times.
    expect(oldestAge).toBeLessThan(60_000);
    expect(await take(queue)).toEqual([1, 2, 3, 4]);
  });

  it('is held back as a whole when messages are given back with a delay', async () => {
    const [a, b] = outboxesIn(open(), 2);
    await a.send([1, 2, 3].map(paid));
    const since = performance.now();

    await a.release(await a.get({ max: 2 }), { delay: 700 });

    expect(await take(b)).toEqual([]);
    expect(idsOf(await b.get({ max: 10, wait: LONG_MS }))).toEqual([1, 2, 3]);
    expect(performance.now() - since).toBeGreaterThan(650);
  });

  it('wakes one that waits when the other has given back what it has, and does not keep it busy until then', async () => {
    const [a, b] = outboxesIn(open(), 2);
    await a.send([1, 2].map(paid));
    const held = await a.get({ max: 1 });

    const before = process.cpuUsage();
    const nothing = await b.get({ max: 10, wait: 1000 });
    const { user, system } = process.cpuUsage(before);
    const waiting = b.get({ max: 10, wait: LONG_MS });
    const since = performance.now();
    await a.release(held);

    expect(nothing).toEqual([]);
    expect((user + system) / 1000).toBeLessThan(500);
    expect(idsOf(await waiting)).toEqual([1, 2]);
    // It would look by itself every five seconds.
    expect(performance.now() - since).toBeLessThan(4000);
  });

  it('moves what is refused for good to another queue of its database in one step', async () => {
    const place = open();
    const store = place.openStore();
    const queue = outboxIn(store);
    await queue.send([1, 2].map(paid));
    const [received, second] = (await queue.get({ max: 2 })) as [Envelope, Envelope];

    const { lost } = (await queue.requeue([{ received, copy: paid(1), to: store }])) ?? { lost: [received] };
    await queue.ack([second]);

    expect(lost).toEqual([]);
    expect(await take(store)).toEqual([1]);
    expect(await queue.messageCount()).toMatchObject({ ready: 0, inFlight: 0 });
  });
});
