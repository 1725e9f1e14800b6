import { describe, expect, it } from 'vitest';
import { MessengerError } from '../../../../lib/errors/messenger.error.js';
import { UnknownTransactionError } from '../../../../lib/errors/unknown-transaction.error.js';
import { UnusableTransactionError } from '../../../../lib/errors/unusable-transaction.error.js';
import {
  adaptTransaction,
  TRANSACTION_ADAPTERS,
} from '../../../../lib/transports/sql/transactions/adapt-transaction.js';
import { sqlConnection } from '../../../../lib/transports/sql/transactions/sql-connection.js';

function thrownBy(action: () => unknown): MessengerError {
  try {
    action();
  } catch (error) {
    return error as MessengerError;
  }
  throw new Error('Nothing was thrown.');
}

const nothing = () => Promise.resolve({ rows: [], affected: 0 });

describe('adaptTransaction', () => {
  it('names what it does not know, what it knows, and the way out', () => {
    class Session {}

    const error = thrownBy(() => adaptTransaction(new Session(), 'postgres'));

    expect(error).toBeInstanceOf(UnknownTransactionError);
    expect(error.code).toBe('MESSENGER_UNKNOWN_TRANSACTION');
    expect(error.message).toContain('Unknown kind of transaction: an instance of "Session".');
    for (const { kind } of TRANSACTION_ADAPTERS) {
      expect(error.message).toContain(kind);
    }
    expect(error.message).toContain('sqlConnection((sql, params) => …)');
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['tx', 'tx'],
    [{}, 'a plain object'],
    [Object.create(null), 'a plain object'],
    [function begin() {}, 'the function "begin"'],
    [new Map(), 'an instance of "Map"'],
    [{ query: nothing }, 'a plain object'],
  ])('refuses %s, whatever JavaScript passes', (given, name) => {
    const error = thrownBy(() => adaptTransaction(given as object, 'sqlite'));

    expect(error).toBeInstanceOf(UnknownTransactionError);
    expect((error as UnknownTransactionError).given).toBe(name);
  });

  it('takes what sqlConnection makes as it is', async () => {
    const sent: unknown[] = [];
    const own = sqlConnection((sql, params) => {
      sent.push(sql, params);
      return Promise.resolve({ rows: [{ id: 7 }], affected: 1 });
    });

    const result = await adaptTransaction(own, 'mysql').query('INSERT', [1, 'a', null, 2n]);

    expect(result).toEqual({ rows: [{ id: 7 }], affected: 1 });
    expect(sent).toEqual(['INSERT', [1, 'a', null, 2n]]);
  });

  it('hands bytes on as a Buffer over the same memory', async () => {
    const memory = new Uint8Array([1, 2, 3, 4]);
    let bound: unknown;
    const own = sqlConnection((_sql, [value]) => {
      bound = value;
      return nothing();
    });

    await adaptTransaction(own, 'mysql').query('INSERT', [memory.subarray(1, 3)]);

    expect(Buffer.isBuffer(bound) && [...bound]).toEqual([2, 3]);
  });

  it('refuses a transaction of another kind of database', () => {
    const sqlite = { prepare: nothing, exec: nothing, isTransaction: true };

    const error = thrownBy(() => adaptTransaction(sqlite, 'postgres'));

    expect(error).toBeInstanceOf(UnusableTransactionError);
    expect(error.code).toBe('MESSENGER_UNUSABLE_TRANSACTION');
    expect(error.message).toBe(
      'A transaction of SQLite cannot be used as a transaction: the messages are stored in PostgreSQL. ' +
        'Pass a transaction of the database that the transport stores messages in.',
    );
  });
});

describe('the adapters', () => {
  /** As much of each kind as it is recognised by; those of drivers have methods that others have too. */
  const kinds: ReadonlyArray<readonly [kind: string, handle: object]> = [
    ['sqlConnection', sqlConnection(nothing)],
    ['EntityManager or a QueryRunner of TypeORM', typeOrmRunner()],
    ['Prisma', { $queryRawUnsafe: nothing, $executeRawUnsafe: nothing }],
    ['Kysely', kysely()],
    ['Knex', knex()],
    ['node-postgres (pg)', pgClient()],
    ['of mysql2', { query: nothing, beginTransaction: nothing, promise: nothing }],
    ['node:sqlite', { prepare: nothing, exec: nothing, isTransaction: true }],
    ['postgres.js', Object.assign(() => [], { unsafe: nothing, typed: nothing, notify: nothing })],
    ['Sequelize', sequelize()],
    ['Drizzle', drizzle()],
    ['MikroORM', { getTransactionContext: kysely, isInTransaction: () => true, transactional: nothing }],
  ];

  it.each(kinds)('%s: one recognises its own, and no other does', (kind, handle) => {
    const recognising = TRANSACTION_ADAPTERS.filter(
      (adapter) => adapter.adapt(handle, 'postgres') !== undefined,
    );

    expect(recognising).toHaveLength(1);
    expect(recognising[0]?.kind).toContain(kind);
  });

  it('are each tried here', () => {
    expect(kinds).toHaveLength(TRANSACTION_ADAPTERS.length);
  });
});

function typeOrmRunner(): object {
  return {
    query: nothing,
    startTransaction: nothing,
    commitTransaction: nothing,
    isTransactionActive: true,
    // Postgres' runners have it; `connection` is the data source.
    connection: { options: { type: 'postgres' }, query: nothing },
  };
}

function kysely(): object {
  return { executeQuery: nothing, withoutPlugins: nothing, isTransaction: true, transaction: nothing };
}

function knex(): object {
  const client = { query: nothing, dialect: 'postgresql' };
  const methods = {
    raw: nothing,
    transaction: nothing,
    queryBuilder: nothing,
    commit: nothing,
    rollback: nothing,
  };
  return Object.assign(() => [], { ...methods, client, isTransaction: true, isCompleted: () => false });
}

function pgClient(): object {
  return { query: nothing, connect: nothing, getTypeParser: nothing, setTypeParser: nothing, connection: {} };
}

function sequelize(): object {
  return {
    commit: nothing,
    rollback: nothing,
    sequelize: { getQueryInterface: nothing },
    connection: pgClient(),
  };
}

function drizzle(): object {
  return {
    select: nothing,
    insert: nothing,
    transaction: nothing,
    rollback: nothing,
    dialect: {},
    session: { prepareQuery: nothing, client: pgClient() },
  };
}
