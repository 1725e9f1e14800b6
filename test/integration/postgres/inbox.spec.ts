import { Client, type Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { conformanceSerializer } from '../../../lib/testing/conformance/conformance-serializer.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { PostgresTransportFactory } from '../../../lib/transports/sql/server/postgres/postgres.transport-factory.js';
import { loadSqliteDriver } from '../../../lib/transports/sql/sqlite/sqlite.driver.js';
import { deferred, rejectionOf } from '../../fixtures/core.js';
import {
  dropTable,
  openPool,
  postgresDsn,
  sharedPostgresUrl,
  uniqueName,
} from './support/shared-postgres.js';

const table = uniqueName('inbox');
const effects = uniqueName('effects');
const boom = new Error('Boom.');

let pool: Pool;
let messages = 0;
/** One that no other test records. */
let entry: { readonly messageId: string; readonly handlerName: string };

beforeAll(async () => {
  pool = openPool();
  await pool.query(`CREATE TABLE ${effects} (text TEXT)`);
});

beforeEach(() => {
  entry = { messageId: `m-${++messages}`, handlerName: 'H' };
});

afterAll(async () => {
  await pool.query(`DROP TABLE ${effects}`);
  await dropTable(pool, table);
  await pool.end();
});

function inboxOn(tableName = table, options: Readonly<Record<string, unknown>> = {}) {
  const dsn = new Dsn(postgresDsn({ table_name: tableName }), 'async');
  const context = { transportName: 'async', serializer: conformanceSerializer() };
  const transport = new PostgresTransportFactory().create(dsn, options, context);
  onTestFinished(() => transport.close());
  return transport.inbox;
}

/** A connection of the application on which a transaction is open. */
async function openTransaction(config: object = {}): Promise<Client> {
  const client = new Client({ connectionString: sharedPostgresUrl().href, ...config });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('BEGIN');
  return client;
}

async function write(transaction: object): Promise<void> {
  await (transaction as Client).query(`INSERT INTO ${effects} VALUES ($1)`, [entry.messageId]);
}

/** How often something was written for the message of this test. */
async function written(): Promise<number> {
  return (await pool.query(`SELECT 1 FROM ${effects} WHERE text = $1`, [entry.messageId])).rows.length;
}

/** Resolves when a statement on the inbox waits for a lock that another transaction has. */
async function waitsForLock(): Promise<void> {
  const sql = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${table}_inbox%'`;
  await expect.poll(async () => (await pool.query(sql)).rows.length, { timeout: 15_000 }).toBeGreaterThan(0);
}

describe('the inbox of the PostgreSQL transport', () => {
  it('records an entry once', async () => {
    const inbox = inboxOn();
    const isNew = (given = entry) => inbox.transaction((tx) => inbox.record(tx, given));

    expect([await isNew(), await isNew()]).toEqual([true, false]);
    expect(await isNew({ ...entry, handlerName: 'G' })).toBe(true);
    expect(await isNew({ ...entry, messageId: `${entry.messageId}b` })).toBe(true);
  });

  it('keeps the entry and the work of a transaction together, or neither', async () => {
    const inbox = inboxOn();
    const attempt = (error?: Error) =>
      inbox.transaction(async (tx) => {
        const isNew = await inbox.record(tx, entry);
        await write(tx);
        if (error !== undefined) {
          throw error;
        }
        return isNew;
      });

    expect(await rejectionOf(attempt(boom))).toBe(boom);
    expect(await written()).toBe(0);
    expect(await attempt()).toBe(true);
    expect(await written()).toBe(1);
  });

  it.each([
    ['committed', undefined, false],
    ['rolled back', boom, true],
  ])('waits for a transaction that has recorded the same, which is %s', async (_, error, isNew) => {
    const [first, second] = [inboxOn(), inboxOn()];
    const [begun, gate] = [deferred(), deferred()];
    const one = first.transaction(async (tx) => {
      await first.record(tx, entry);
      begun.resolve();
      await gate.promise;
      if (error !== undefined) {
        throw error;
      }
    });
    const ended = one.catch((reason: unknown) => reason);
    await begun.promise;

    const other = second.transaction((tx) => second.record(tx, entry));
    await waitsForLock();
    gate.resolve();

    expect(await ended).toBe(error);
    expect(await other).toBe(isNew);
  });

  it('does not take a transaction for committed in which a statement has failed', async () => {
    const inbox = inboxOn();
    const work = inbox.transaction(async (tx) => {
      await inbox.record(tx, entry);
      await write(tx);
      await (tx as Client).query('SELECT 1 / 0').catch(() => undefined);
    });

    await expect(work).rejects.toThrow(
      'PostgreSQL at 127.0.0.1:5432/test has undone a transaction in which a statement had failed',
    );
    expect(await written()).toBe(0);
    expect(await inbox.transaction((tx) => inbox.record(tx, entry))).toBe(true);
  });

  it('has recorded nothing when the connection is lost, and goes on with another', async () => {
    const inbox = inboxOn();
    const work = inbox.transaction(async (tx) => {
      await inbox.record(tx, entry);
      const { rows } = await (tx as Client).query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    });

    await expect(work).rejects.toThrow('Transport "async": PostgreSQL at 127.0.0.1:5432/test');
    expect(await inbox.transaction((tx) => inbox.record(tx, entry))).toBe(true);
  });

  it('lets its transactions wait for each other, however long they last', async () => {
    const inbox = inboxOn(table, { poolSize: 1, connectTimeout: 0.1 });
    const gate = deferred();
    const order: string[] = [];
    const [first, second] = ['first', 'second'].map((name) =>
      inbox.transaction(async () => {
        order.push(`${name} begins`);
        await gate.promise;
        order.push(`${name} ends`);
      }),
    );
    // What the transport does meanwhile waits for none of them. It takes longer than one waits for a connection.
    const started = performance.now();
    await expect.poll(async () => [await inbox.prune(0), performance.now() - started > 500][1]).toBe(true);
    gate.resolve();
    await Promise.all([first, second]);

    expect(order).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  });
});

describe('a transaction of the application on PostgreSQL', () => {
  it('records in it, and is rolled back with it', async () => {
    const inbox = inboxOn();
    const attempt = async (end: 'COMMIT' | 'ROLLBACK'): Promise<boolean> => {
      const client = await openTransaction();
      const isNew = await inbox.record(client, entry);
      await client.query(end);
      return isNew;
    };

    expect([await attempt('ROLLBACK'), await attempt('COMMIT'), await attempt('COMMIT')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('waits for one of another process that has recorded the same', async () => {
    const inbox = inboxOn();
    const [first, second] = [await openTransaction(), await openTransaction()];
    expect(await inbox.record(first, entry)).toBe(true);

    const other = inbox.record(second, entry);
    await waitsForLock();
    await first.query('COMMIT');

    expect(await other).toBe(false);
  });

  it('has to be on the database of the inbox', async () => {
    const inbox = inboxOn();
    const elsewhere = await openTransaction({ options: '-c search_path=pg_catalog' });

    await expect(inbox.record(elsewhere, entry)).rejects.toThrow(
      `Transport "async": its inbox is on PostgreSQL at 127.0.0.1:5432/test, and the transaction of the handler is where there is ` +
        `no table "${table}_inbox".`,
    );
  });

  it('has to be one of PostgreSQL, and open', async () => {
    const inbox = inboxOn();
    const database = loadSqliteDriver('test').open(':memory:');
    onTestFinished(() => void database.close());
    const idle = await openTransaction();
    await idle.query('ROLLBACK');

    await expect(inbox.record(database, entry)).rejects.toThrow('the messages are stored in PostgreSQL');
    await expect(inbox.record(idle, entry)).rejects.toThrow('no transaction is open on it');
  });
});

describe('the table of the inbox in PostgreSQL', () => {
  it('forgets what is old, 500 entries at once', async () => {
    const ownTable = uniqueName('inbox');
    onTestFinished(() => dropTable(pool, ownTable));
    const inbox = inboxOn(ownTable);
    const record = (count: number, prefix: string) =>
      inbox.transaction(async (tx) => {
        for (let i = 0; i < count; i++) {
          await inbox.record(tx, { messageId: `${prefix}${i}`, handlerName: 'H' });
        }
      });
    await record(600, 'old');
    await pool.query(`UPDATE ${ownTable}_inbox SET handled_at = handled_at - 60000`);
    await record(3, 'new');

    const before = Date.now() - 30_000;
    expect([await inbox.prune(before), await inbox.prune(before), await inbox.prune(before)]).toEqual([
      500, 100, 0,
    ]);
    const { rows } = await pool.query(`SELECT message_id FROM ${ownTable}_inbox ORDER BY message_id`);
    expect(rows).toEqual([{ message_id: 'new0' }, { message_id: 'new1' }, { message_id: 'new2' }]);
  });

  it('finds what is old by an index', async () => {
    const inbox = inboxOn();
    await inbox.prune(0);
    const client = await openTransaction();
    await client.query('SET LOCAL enable_seqscan = off');
    const { rows } = await client.query(
      `EXPLAIN SELECT message_id FROM ${table}_inbox WHERE handled_at < 1 ORDER BY handled_at LIMIT 500`,
    );

    expect(JSON.stringify(rows)).toContain(`${table}_inbox_age`);
  });

  it('has to be there if it may not be made on first use', async () => {
    const inbox = inboxOn(uniqueName('inbox'), { autoSetup: false });

    await expect(inbox.transaction(async () => undefined)).rejects.toThrow('Run "setup-transports"');
  });
});
