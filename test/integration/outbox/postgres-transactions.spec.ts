import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { TransactionStamp } from '../../../lib/stamp/transaction.stamp.js';
import { postgresSqlOn } from '../../../lib/transports/sql/server/postgres/postgres.statements.js';
import { rejectionOf } from '../../fixtures/core.js';
import { sharedPostgresUrl, uniqueName } from '../postgres/support/shared-postgres.js';
import { inPostgresTransaction, openClient, openPostgresStore, postgresTable } from './places.js';
import { outboxIn, Paid, startApp } from './support.js';

const LONG_MS = 30_000;
const paid = (id: number): Envelope => new Envelope<object>(new Paid(id));
const idsOf = (envelopes: readonly Envelope[]): readonly number[] =>
  envelopes.map(({ message }) => (message as Paid).id);

const table = postgresTable();
const newStore = () => openPostgresStore(table, uniqueName('q'));

describe('a transaction on PostgreSQL in which messages are stored', () => {
  it('wakes consumers when it commits', async () => {
    const queue = uniqueName('q');
    const [producer, consumer] = [openPostgresStore(table, queue), openPostgresStore(table, queue)];
    const client = await openClient();
    // From here on it hears of messages.
    await producer.send([paid(0)]);
    await consumer.ack(await consumer.get({ wait: LONG_MS }));
    const received = consumer.get({ wait: LONG_MS });
    let isReceived = false;
    void received.then(() => (isReceived = true));

    await client.query('BEGIN');
    await producer.sendIn(client, [paid(1)]);
    await client.query('SELECT pg_sleep(0.3)');
    expect(isReceived).toBe(false);
    const since = performance.now();
    await client.query('COMMIT');

    expect(idsOf(await received)).toEqual([1]);
    // It would look by itself every five seconds.
    expect(performance.now() - since).toBeLessThan(2500);
  });

  it('may be open while the table is made', async () => {
    const own = postgresTableOfTest();
    const client = await openClient();
    const [store, other] = [openPostgresStore(own, 'q'), openPostgresStore(own, 'q')];

    await inPostgresTransaction(client, async () => {
      await client.query('CREATE TEMPORARY TABLE orders (id integer)');
      await client.query('INSERT INTO orders VALUES (1)');
      await store.sendIn(client, [paid(1)]);
      await other.setup();
      await other.send([paid(2)]);
    });

    expect(idsOf(await store.get({ max: 5 })).toSorted((a, b) => a - b)).toEqual([1, 2]);
  });

  it('is refused if it is in another schema, whether there is such a table or not; nothing is stored, and it can go on', async () => {
    const client = await openClient();
    const schema = uniqueName('other');
    const store = newStore();
    await store.setup();
    await client.query(`CREATE SCHEMA "${schema}"`);
    onTestFinished(async () => void (await client.query(`DROP SCHEMA "${schema}" CASCADE`)));
    await client.query(`SET search_path TO "${schema}"`);

    const missing = await inPostgresTransaction(client, () => rejectionOf(store.sendIn(client, [paid(1)])));
    await client.query(`CREATE TABLE "${table}" (LIKE public."${table}" INCLUDING ALL)`);
    const { rows, namesake } = await inPostgresTransaction(client, async () => ({
      namesake: await rejectionOf(store.sendIn(client, [paid(1)])),
      rows: (await client.query(`SELECT * FROM "${table}"`)).rows,
    }));

    const { host, pathname } = sharedPostgresUrl();
    expect(missing).toBeInstanceOf(TransportError);
    expect(missing.message).toMatch(`Transport "db": the transaction is not on `);
    expect(missing.message).toMatch(
      `${host}${pathname}, where the messages are kept: it sees no table "${table}". Give`,
    );
    expect(namesake.message).toMatch(
      `it means another table by "${table}". Give both the same database and schema, or set "table_name" to "schema.table".`,
    );
    expect(rows).toEqual([]);
  });

  it('is refused if it is on another database with such a table', async () => {
    const client = await openClient();
    const name = uniqueName('outbox_db');
    await client.query(`CREATE DATABASE "${name}"`);
    onTestFinished(async () => void (await client.query(`DROP DATABASE "${name}" WITH (FORCE)`)));
    const url = sharedPostgresUrl();
    url.pathname = `/${name}`;
    const other = new pg.Client({ connectionString: url.href });
    await other.connect();
    onTestFinished(() => other.end());
    await other.query(`CREATE TABLE "${table}" (id integer)`);

    const error = await inPostgresTransaction(other, () => rejectionOf(newStore().sendIn(other, [paid(1)])));

    expect(error.message).toMatch(`it means another table by "${table}".`);
  });

  it('that has failed gives the error of the driver as the cause', async () => {
    const client = await openClient();
    const store = newStore();
    await client.query('BEGIN');
    await client.query('SELECT 1 / 0').catch(() => undefined);

    const error = await rejectionOf(store.sendIn(client, [paid(1)]));

    expect(error).toBeInstanceOf(TransportError);
    expect(error.message).toBe('Transport "db": the transaction could not take a message. See the cause.');
    expect(error.cause).toMatchObject({ code: '25P02' });
  });

  it('is told apart from a client without one', async () => {
    const client = await openClient();

    const error = await rejectionOf(newStore().sendIn(client, [paid(1)]));

    expect(error).toMatchObject({ code: 'MESSENGER_UNUSABLE_TRANSACTION' });
  });

  it('may be one of Kysely', async () => {
    const pool = new pg.Pool({ connectionString: sharedPostgresUrl().href, max: 2 });
    const db = new Kysely<object>({ dialect: new PostgresDialect({ pool }) });
    onTestFinished(() => db.destroy());
    const store = newStore();

    await db.transaction().execute((tx) => store.sendIn(tx, [paid(1), paid(2)]));
    const rolledBack = db.transaction().execute(async (tx) => {
      await store.sendIn(tx, [paid(3)]);
      throw new RangeError('no');
    });

    expect(await rejectionOf(rolledBack)).toBeInstanceOf(RangeError);
    expect(idsOf(await store.get({ max: 5 }))).toEqual([1, 2]);
  });
});

describe('an application with its outbox in PostgreSQL', () => {
  it('forwards what is committed, by stamp or around the work, in order', async () => {
    const queue = uniqueName('q');
    const client = await openClient();
    const async = new InMemoryTransport();
    const app = startApp(() => openPostgresStore(table, queue, 5), async);
    app.startWorker('db');

    await client.query('BEGIN');
    await app.bus.dispatch(new Paid(1), [new TransactionStamp(client)]);
    await client.query('ROLLBACK');
    await inPostgresTransaction(client, async () => {
      await app.bus.dispatch(new Paid(2), [new TransactionStamp(client)]);
      await app.messenger.inTransaction(client, async () => {
        await app.bus.dispatchAll([3, 4, 5].map((id) => new Paid(id)));
        await app.bus.dispatch(new Paid(6));
      });
      expect(async.sent).toEqual([]);
    });

    await expect.poll(() => idsOf(async.sent), { timeout: 15_000 }).toEqual([2, 3, 4, 5, 6]);
  });

  it('forwards what two transactions store by turns in the order of storing, however they commit', async () => {
    const queue = uniqueName('q');
    const [first, second] = [await openClient(), await openClient()];
    const outbox = outboxIn(openPostgresStore(table, queue));
    await first.query('BEGIN');
    await second.query('BEGIN');
    await outbox.sendIn(first, [paid(1)]);
    await outbox.sendIn(second, [paid(2)]);
    await second.query('COMMIT');
    const taken = await outbox.get({ max: 5 });
    await first.query('COMMIT');

    // What commits late is not waited for; nor does it get past a claim.
    expect(idsOf(taken)).toEqual([2]);
    expect(await outbox.get({ max: 5 })).toEqual([]);
    await outbox.release(taken);
    expect(idsOf(await outbox.get({ max: 5 }))).toEqual([1, 2]);
  });

  it('claims along an index, however many wait and whatever the statistics say', async () => {
    const own = postgresTableOfTest();
    const client = await openClient();
    await openPostgresStore(own, 'q').setup();
    await client.query(
      `INSERT INTO "${own}" (queue_name, body, headers, created_at, available_at)
       SELECT CASE WHEN i <= 20000 THEN 'other' ELSE 'q' END, repeat('x', 100), '{}', 0, 1 FROM generate_series(1, 40000) AS i`,
    );
    const { claimExclusive, outlookExclusive } = postgresSqlOn(own);
    const plans = async (): Promise<string> => {
      const claim = await client.query(`EXPLAIN ${claimExclusive}`, ['me', 1000, 'q', 200]);
      const outlook = await client.query(`EXPLAIN ${outlookExclusive}`, ['q']);
      return [...claim.rows, ...outlook.rows].map((row) => Object.values(row as object).join('')).join('\n');
    };

    const before = await plans();
    await client.query(`ANALYZE "${own}"`);

    for (const plan of [before, await plans()]) {
      expect(plan).toMatch(/Index (Only )?Scan/);
      expect(plan).not.toMatch(/Seq Scan|Sort/);
    }
  });

  it('is not blocked for long by a process that is stopped while it claims', async () => {
    const queue = uniqueName('q');
    const outbox = outboxIn(openPostgresStore(table, queue));
    await outbox.send([paid(1)]);
    const stopped = await openClient();
    stopped.on('error', () => undefined);
    await stopped.query('BEGIN');
    await stopped.query(postgresSqlOn(table).takeTurn, [`${queue}.outbox.async`]);

    expect(idsOf(await outbox.get())).toEqual([1]);
    expect((await rejectionOf(stopped.query('SELECT 1'))).message).not.toBe('');
  }, 60_000);
});

/** A table of the test's own. */
function postgresTableOfTest(): string {
  const own = uniqueName('outbox');
  onTestFinished(async () => {
    const client = new pg.Client({ connectionString: sharedPostgresUrl().href });
    await client.connect();
    await client.query(
      `DROP TABLE IF EXISTS ${['', '_signals', '_locks', '_inbox', '_workers'].map((suffix) => `"${own}${suffix}"`).join(', ')}`,
    );
    await client.query('DELETE FROM nestjs_messenger_schema WHERE table_name = $1', [own]);
    await client.end();
  });
  return own;
}
