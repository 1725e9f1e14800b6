import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { SqliteDatabase, SqliteStatement } from '../../../lib/transports/sql/sqlite/sqlite.driver.js';
import { loadSqliteDriver } from '../../../lib/transports/sql/sqlite/sqlite.driver.js';
import { MAX_ROWS } from '../../../lib/transports/sql/sqlite/sqlite.statements.js';
import {
  SqliteTransactions,
  type WriteOperation,
} from '../../../lib/transports/sql/sqlite/sqlite.transactions.js';
import { application, note, temporaryFile, textsOf, withDatabase } from './setup.js';

/** A real database that keeps a log of the statements that were run. */
class LoggedDatabase implements SqliteDatabase {
  readonly log: string[] = [];
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  exec(sql: string): unknown {
    this.log.push(sql);
    return this.#database.exec(sql);
  }

  prepare(sql: string): SqliteStatement {
    const statement = this.#database.prepare(sql);
    return {
      run: (...values) => {
        this.log.push(sql);
        return statement.run(...values);
      },
      get: (...values) => statement.get(...values),
      all: (...values) => statement.all(...values),
    };
  }

  close(): void {
    this.#database.close();
  }
}

function setup() {
  const database = new LoggedDatabase(loadSqliteDriver('test').open(':memory:'));
  database.exec('CREATE TABLE t (value INTEGER PRIMARY KEY)');
  const insert = database.prepare('INSERT INTO t VALUES (?)');
  database.log.length = 0;
  return {
    log: database.log,
    transactions: new SqliteTransactions(database),
    inserting: (value: number, rows = 1, statements = 1): WriteOperation<number> => ({
      rows,
      isOneStatement: statements === 1,
      run: () => {
        insert.run(value);
        return value;
      },
    }),
    values: () =>
      database
        .prepare('SELECT value FROM t ORDER BY value')
        .all()
        .map((row) => (row as { value: number }).value),
  };
}

const INSERT = 'INSERT INTO t VALUES (?)';

describe('transactions of the SQLite transport', () => {
  it('are not opened for a single statement', () => {
    const { transactions, inserting, log } = setup();
    expect(transactions.run([inserting(1)])).toEqual([{ value: 1 }]);
    expect(log).toEqual([INSERT]);
  });

  it('hold a change of several statements, even alone', () => {
    const { transactions, inserting, log } = setup();
    void transactions.run([inserting(1, 1, 2)]);
    expect(log).toEqual(['BEGIN IMMEDIATE', INSERT, 'COMMIT']);
  });

  it('are shared by changes that arrive together', () => {
    const { transactions, inserting, log } = setup();
    expect(transactions.run([inserting(1), inserting(2)])).toEqual([{ value: 1 }, { value: 2 }]);
    expect(log).toEqual(['BEGIN IMMEDIATE', INSERT, INSERT, 'COMMIT']);
  });

  it('leave out a change that fails by its own fault, and keep the others', () => {
    const { transactions, inserting, values } = setup();
    const outcomes = transactions.run([1, 2, 2, 3, 1, 4].map((value) => inserting(value)));
    expect(outcomes).toMatchObject([
      { value: 1 },
      { value: 2 },
      { error: expect.any(Error) },
      { value: 3 },
      { error: expect.any(Error) },
      { value: 4 },
    ]);
    expect(values()).toEqual([1, 2, 3, 4]);
  });

  it('undo everything when the database as a whole refuses', () => {
    const { transactions, inserting, values } = setup();
    const full: WriteOperation<never> = {
      rows: 1,
      isOneStatement: true,
      run: () => {
        throw Object.assign(new RangeError('database or disk is full'), { code: 'SQLITE_FULL' });
      },
    };
    const outcomes = transactions.run([inserting(1), full, inserting(2)]);
    expect(outcomes).toMatchObject([1, 2, 3].map(() => ({ error: { code: 'SQLITE_FULL' } })));
    expect(values()).toEqual([]);
    expect(transactions.run([inserting(1), inserting(2)])).toEqual([{ value: 1 }, { value: 2 }]);
  });

  it('stay small, and let the event loop turn between them', async () => {
    const { transactions, inserting, log } = setup();
    let turned = false;
    const running = transactions.run([inserting(1, MAX_ROWS), inserting(2), inserting(3)]);
    void nextTurn().then(() => {
      turned = true;
    });
    expect(log).toEqual([INSERT]);
    expect(await running).toEqual([{ value: 1 }, { value: 2 }, { value: 3 }]);
    expect(turned).toBe(true);
    expect(log).toEqual([INSERT, 'BEGIN IMMEDIATE', INSERT, INSERT, 'COMMIT']);
  });
});

describe('writes of the SQLite transport', () => {
  it('reject only the send whose message cannot be encoded', async () => {
    const transport = application().open();
    const outcomes = await Promise.allSettled(
      ['a', 'unencodable', 'b'].map((text) => transport.send([note(text)])),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(textsOf(await transport.get({ max: 3 }))).toEqual(['a', 'b']);
  });

  it('keep the order of thousands of messages sent at once', async () => {
    const transport = application().open();
    const texts = Array.from({ length: MAX_ROWS * 2 + 10 }, (_, index) => `message ${index}`);
    const sent = await transport.send(texts.map((text) => note(text)));
    expect(sent).toHaveLength(texts.length);
    const received = [
      ...(await transport.get({ max: texts.length })),
      ...(await transport.get({ max: texts.length })),
      ...(await transport.get({ max: texts.length })),
    ];
    expect(textsOf(received)).toEqual(texts);
    expect(await transport.ack(received)).toEqual({ lost: [] });
    expect(await transport.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
  });

  it('keep a text with a NUL whole, as bytes', async () => {
    const { file, open } = application();
    await open().send([note('before\0after')]);
    const body = withDatabase(
      file,
      (database) =>
        database.prepare('SELECT hex(body) AS body FROM messenger_messages').get() as { body: string },
    );
    expect(Buffer.from(body.body, 'hex').toString()).toBe('before\0after');
  });

  it.each(['not open yet', 'open'])('are made before the transport is closed, if it is %s', async (state) => {
    const file = temporaryFile();
    const transport = application(file).open();
    await (state === 'open' ? transport.messageCount() : undefined);
    const sending = transport.send(Array.from({ length: MAX_ROWS * 3 }, () => note('a')));
    await transport.close();
    expect(await sending).toHaveLength(MAX_ROWS * 3);
    expect((await application(file).open().messageCount()).ready).toBe(MAX_ROWS * 3);
  });
});
