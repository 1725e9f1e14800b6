import { UnusableTransactionError } from '../../../errors/unusable-transaction.error.js';
import { answersRows } from './answers-rows.js';
import { resultOfChange, resultOfRows } from './driver-results.js';
import type { SqlResult, SqlRow } from './sql-connection.js';
import { hasMethods } from './structure.js';
import type { TransactionAdapter } from './transaction-adapter.js';

/** The part of a prepared statement that is used. */
interface SqliteStatement {
  all(...values: readonly unknown[]): readonly SqlRow[];
  run(...values: readonly unknown[]): { readonly changes: number | bigint };
}

/** The part of a database handle that is used. Every supported driver has it. */
interface SqliteHandle {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  /** node:sqlite since Node.js 22.16, @photostructure/sqlite. */
  readonly isTransaction?: boolean;
  /** better-sqlite3, libsql. */
  readonly inTransaction?: boolean;
}

/**
 * An open database of node:sqlite, better-sqlite3, libsql or @photostructure/sqlite on which the application has run `BEGIN`.
 * Tried with node:sqlite of Node.js 22.23, libsql 0.5.29, which has the interface of better-sqlite3, and
 * @photostructure/sqlite 1.2.1.
 */
export const sqliteAdapter: TransactionAdapter = {
  kind: 'a database of node:sqlite, better-sqlite3, libsql or @photostructure/sqlite after BEGIN',
  adapt(candidate) {
    return isSqliteHandle(candidate)
      ? {
          dialect: 'sqlite',
          refusal: () => refusalOf(candidate),
          query: (sql, values) => Promise.resolve(querySqlite(candidate, sql, values)),
        }
      : undefined;
  },
};

function querySqlite(database: SqliteHandle, sql: string, values: readonly unknown[]): SqlResult {
  const statement = database.prepare(sql);
  return answersRows(sql)
    ? resultOfRows(statement.all(...values))
    : resultOfChange(statement.run(...values).changes);
}

function refusalOf(database: SqliteHandle): UnusableTransactionError | undefined {
  return isTransactionOpen(database)
    ? undefined
    : new UnusableTransactionError(
        'A SQLite database',
        'no transaction is open on it',
        'it between BEGIN and COMMIT; a function that is run by transaction() of better-sqlite3 ends before a message is stored',
      );
}

/** Whether `BEGIN` has been run and neither `COMMIT` nor `ROLLBACK` since. */
function isTransactionOpen(database: SqliteHandle): boolean {
  const visible = database.isTransaction ?? database.inTransaction;
  return visible ?? !canBegin(database);
}

/** How node:sqlite of Node.js 22.13 to 22.15 shows it: transactions do not nest. */
function canBegin(database: SqliteHandle): boolean {
  try {
    database.exec('BEGIN');
  } catch {
    return false;
  }
  database.exec('ROLLBACK');
  return true;
}

function isSqliteHandle(value: unknown): value is SqliteHandle {
  // The package sqlite3 has both methods too, but with callbacks.
  return hasMethods(value, 'prepare', 'exec') && !hasMethods(value, 'parallelize');
}
