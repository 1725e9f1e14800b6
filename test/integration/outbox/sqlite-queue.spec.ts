import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { UnknownTransactionError } from '../../../lib/errors/unknown-transaction.error.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { RedeliveredStamp } from '../../../lib/stamp/redelivered.stamp.js';
import { TransportMessageIdStamp } from '../../../lib/stamp/transport-message-id.stamp.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import type { SqlTransport } from '../../../lib/transports/sql/sql.transport.js';
import { rejectionOf } from '../../fixtures/core.js';
import { database, inTransaction, openStore, outboxIn, Paid, temporaryFile } from './support.js';

const paid = (id: number): Envelope => new Envelope<object>(new Paid(id));
const idsOf = (envelopes: readonly Envelope[]): readonly number[] =>
  envelopes.map(({ message }) => (message as Paid).id);
const take = async (queue: SqlTransport, max = 10): Promise<readonly number[]> =>
  idsOf(await queue.get({ max }));

describe('messages that are stored in a transaction on an SQLite file', () => {
  it('are there when it commits, with ids, and not before', async () => {
    const file = temporaryFile();
    const store = openStore(file);
    const app = database(file);
    await store.setup();

    const sent = await inTransaction(app, async () => {
      const stored = await store.sendIn(app, [paid(1), paid(2), paid(3)]);
      expect((await store.messageCount()).ready).toBe(0);
      return stored;
    });

    const received = await store.get({ max: 10 });
    expect(idsOf(received)).toEqual([1, 2, 3]);
    expect(received.map((envelope) => envelope.last(TransportMessageIdStamp)?.id)).toEqual(
      sent.map((envelope) => envelope.last(TransportMessageIdStamp)?.id),
    );
  });

  it('are not when it is rolled back', async () => {
    const file = temporaryFile();
    const store = openStore(file);
    const app = database(file);

    await inTransaction(app, async () => {
      await store.sendIn(app, [paid(1)]);
      throw new RangeError('no');
    }).catch(() => undefined);

    expect((await store.messageCount()).ready).toBe(0);
  });

  it('make the table in the same transaction if it is missing, without waiting for the lock it holds', async () => {
    const file = temporaryFile();
    const store = openStore(file);
    const app = database(file);
    app.exec('CREATE TABLE orders (id INTEGER)');
    const startedAt = performance.now();

    await inTransaction(app, async () => {
      app.exec('INSERT INTO orders VALUES (1)');
      await store.sendIn(app, [paid(1)]);
      await store.sendIn(app, [paid(2)]);
    });

    // Far below the busy_timeout that a second connection would wait for.
    expect(performance.now() - startedAt).toBeLessThan(4000);
    expect(await take(store)).toEqual([1, 2]);
  });

  it('are many at once', async () => {
    const file = temporaryFile();
    const store = openStore(file);
    const app = database(file);
    const ids = Array.from({ length: 1234 }, (_, id) => id);

    await inTransaction(app, () => store.sendIn(app, ids.map(paid)));

    expect([...(await take(store, 500)), ...(await take(store, 500)), ...(await take(store, 500))]).toEqual(
      ids,
    );
  });

  it('wait for their delay', async () => {
    const file = temporaryFile();
    const store = openStore(file);
    const app = database(file);

    await inTransaction(app, () => store.sendIn(app, [paid(1).with(new DelayStamp(60_000))]));

    expect(await store.messageCount()).toEqual({ ready: 0, inFlight: 0, delayed: 1 });
  });

  it('are refused in a transaction on another file, and in what is no transaction', async () => {
    const file = temporaryFile();
    const other = database(temporaryFile());
    const store = openStore(file);

    const error = await rejectionOf(inTransaction(other, () => store.sendIn(other, [paid(1)])));

    expect(error.message).toMatch(
      /^Transport "db": the transaction is one on the file ".*app\.db", but the messages are kept in ".*app\.db"\. Give both the same file\. Nothing was stored\.$/,
    );
    expect(await rejectionOf(store.sendIn({}, [paid(1)]))).toBeInstanceOf(UnknownTransactionError);
  });

  it('are refused by a transport in memory, which nobody else can see', async () => {
    const store = openStore(':memory:');
    const app = database(':memory:');

    const error = await rejectionOf(inTransaction(app, () => store.sendIn(app, [paid(1)])));

    expect(error.message).toBe(
      'Transport "db": the transaction is one on a database in memory, but the messages are kept in ":memory:", which only this ' +
        'transport can see. Give both the same file. Nothing was stored.',
    );
  });

  it('need the table where nobody makes it', async () => {
    const file = temporaryFile();
    const app = database(file);

    const error = await rejectionOf(
      inTransaction(app, () => openStore(file, '?auto_setup=false').sendIn(app, [paid(1)])),
    );

    expect(error.message).toBe(
      'Transport "db": the table "messenger_messages" does not exist. Run "setup-transports", or set "auto_setup" to true.',
    );
  });
});

describe('an outbox in an SQLite file', () => {
  it('is a queue of its own in the same table', async () => {
    const store = openStore(temporaryFile());
    const queue = outboxIn(store);

    await queue.send([paid(1)]);

    expect((await store.messageCount()).ready).toBe(0);
    expect(queue.location).toMatch(/^sqlite:.*app\.db messenger_messages\/default\.outbox\.async$/);
    expect(await take(queue)).toEqual([1]);
  });

  it('hands out nothing while somebody has a message of it', async () => {
    const file = temporaryFile();
    const [a, b] = [outboxIn(openStore(file)), outboxIn(openStore(file))];
    await a.send([1, 2, 3, 4].map(paid));

    const held = await a.get({ max: 2 });
    expect(await take(b)).toEqual([]);
    expect(await take(a)).toEqual([]);
    await a.ack(held.slice(0, 1));
    expect(await take(b)).toEqual([]);
    await a.release(held.slice(1));

    expect(await take(b)).toEqual([2, 3, 4]);
  });

  it('hands out to one of those who have seen at the same time that there is something', async () => {
    const file = temporaryFile();
    const queues = [1, 2, 3].map(() => outboxIn(openStore(file)));
    await queues[0]?.send([1, 2, 3, 4].map(paid));
    await Promise.all(queues.map((queue) => queue.messageCount()));

    const taken = await Promise.all(queues.map((queue) => take(queue, 2)));

    expect(taken.filter((ids) => ids.length > 0)).toEqual([[1, 2]]);
  });

  it('hands out the same again when their lease is over, and lets nobody settle what he has lost', async () => {
    const file = temporaryFile();
    const clock = new FakeClock();
    const [a, b] = [1, 2].map(() => outboxIn(openStore(file, '?redeliver_timeout=10', clock))) as [
      SqlTransport,
      SqlTransport,
    ];
    await a.send([1, 2, 3].map(paid));
    const held = await a.get({ max: 2 });

    await clock.advance(9_999);
    expect(await take(b)).toEqual([]);
    await clock.advance(1);
    const taken = await b.get({ max: 2 });

    expect(idsOf(taken)).toEqual([1, 2]);
    expect(taken[0]?.last(RedeliveredStamp)?.deliveryCount).toBe(2);
    expect((await a.ack(held)) ?? {}).toEqual({ lost: held });
    expect(await a.keepalive(held)).toEqual(held);
    expect((await b.messageCount()).inFlight).toBe(2);
  });

  it('keeps the order in which messages were stored, whatever the clock does', async () => {
    const clock = new FakeClock(2_000_000);
    const file = temporaryFile();
    const queue = outboxIn(openStore(file, '', clock));
    await queue.send([paid(1)]);
    const late = outboxIn(openStore(file, '', new FakeClock(1_000_000)));
    await late.send([paid(2).with(new DelayStamp(500)), paid(3)]);

    expect(await take(queue)).toEqual([1, 2, 3]);
  });

  it('wakes one that waits when the other has settled, and does not keep it busy until then', async () => {
    const file = temporaryFile();
    const [a, b] = [outboxIn(openStore(file)), outboxIn(openStore(file))];
    await a.send([1, 2].map(paid));
    const held = await a.get({ max: 1 });

    const before = process.cpuUsage();
    const nothing = await b.get({ max: 10, wait: 400 });
    const { user, system } = process.cpuUsage(before);
    const waiting = b.get({ max: 10, wait: 15_000 });
    await a.ack(held);

    expect(nothing).toEqual([]);
    expect((user + system) / 1000).toBeLessThan(300);
    expect(idsOf(await waiting)).toEqual([2]);
  });
});
