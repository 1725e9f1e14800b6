import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { UnknownTransactionError } from '../../../lib/errors/unknown-transaction.error.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
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
  it('keeps the order in which messages were stored, whatever the clock does', async () => {
    const clock = new FakeClock(2_000_000);
    const file = temporaryFile();
    const queue = outboxIn(openStore(file, '', clock));
    await queue.send([paid(1)]);
    const late = outboxIn(openStore(file, '', new FakeClock(1_000_000)));
    await late.send([paid(2).with(new DelayStamp(500)), paid(3)]);

    expect(await take(queue)).toEqual([1, 2, 3]);
  });
});
