import { UnusableTransactionError } from '../../../errors/unusable-transaction.error.js';
import { resultOfMysql, resultOfPg, resultOfRows, withInsertId } from './driver-results.js';
import type { MysqlHeader, PgResult } from './driver-results.js';
import type { SqlDialectName, SqlResult, SqlRow } from './sql-connection.js';
import { hasMethods, propertyOf } from './structure.js';
import type { AdaptedTransaction, TransactionAdapter } from './transaction-adapter.js';

/** The answer of better-sqlite3 to a statement without rows. */
interface SqliteChange {
  readonly changes: number | bigint;
}

/** What the driver answered, which Knex hands on: of node-postgres, of mysql2 with its columns, or of better-sqlite3. */
type DriverAnswer =
  PgResult | readonly [readonly SqlRow[] | MysqlHeader, unknown] | readonly SqlRow[] | SqliteChange;

/** The part of a transaction of Knex that is used. It is a function, with these properties. */
interface KnexTransaction {
  readonly isTransaction?: boolean;
  isCompleted(): boolean;
  readonly client: {
    /** `postgresql`, `mysql`, `sqlite3` and others. */
    readonly dialect: string;
    /** Of a transaction, its connection, which need not be given back. */
    acquireConnection(): Promise<unknown>;
    /** Sends a statement as it is, and logs it as the application has set it up; hooks do not see the answer. */
    query(
      connection: unknown,
      statement: { readonly sql: string; readonly bindings: readonly unknown[]; readonly method: 'raw' },
    ): Promise<{ readonly response: DriverAnswer }>;
  };
}

const DIALECTS: Readonly<Record<string, SqlDialectName>> = {
  postgresql: 'postgres',
  mysql: 'mysql',
  sqlite3: 'sqlite',
};

const INSTEAD =
  'the transaction that knex.transaction(async (trx) => …) hands out, or knex.transaction() answers, while it is open';

/**
 * A transaction of Knex on PostgreSQL, mysql2 or better-sqlite3; so also one of Objection.js. Tried with knex 3.3.0.
 *
 * The driver's answer is read, rather than that of `raw`: an application's `postProcessResponse` may have renamed its columns.
 */
export const knexAdapter: TransactionAdapter = {
  kind: 'a transaction of Knex',
  adapt: (candidate) => (isKnex(candidate) ? adaptKnex(candidate) : undefined),
};

function adaptKnex(transaction: KnexTransaction): AdaptedTransaction {
  return {
    dialect: DIALECTS[transaction.client.dialect],
    refusal: () => refusalOf(transaction),
    query: async (sql, bindings) => {
      const { client } = transaction;
      const connection = await client.acquireConnection();
      const { response } = await client.query(connection, { sql, bindings, method: 'raw' });
      return resultOf(response, client.dialect);
    },
  };
}

function resultOf(response: DriverAnswer, dialect: string): SqlResult {
  switch (DIALECTS[dialect]) {
    case 'mysql':
      return resultOfMysql((response as readonly [readonly SqlRow[] | MysqlHeader, unknown])[0]);
    case 'sqlite':
      return Array.isArray(response)
        ? resultOfRows(response as readonly SqlRow[])
        : withInsertId((response as SqliteChange).changes, undefined);
    default:
      return resultOfPg(response as PgResult);
  }
}

function refusalOf(transaction: KnexTransaction): UnusableTransactionError | undefined {
  if (transaction.isTransaction !== true) {
    return new UnusableTransactionError('An instance of Knex', 'it is no transaction', INSTEAD);
  }
  return transaction.isCompleted()
    ? new UnusableTransactionError('A transaction of Knex', 'it has ended', INSTEAD)
    : undefined;
}

function isKnex(value: object): value is KnexTransaction {
  return (
    hasMethods(value, 'raw', 'transaction', 'queryBuilder') &&
    hasMethods(propertyOf(value, 'client'), 'query')
  );
}
