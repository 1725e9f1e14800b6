import { InvalidOptionError } from '../../../errors/invalid-option.error.js';
import type { SqlConnection, SqlDialectName, SqlResult } from './sql-connection.js';

/** The part of a SQLite handle that is used: node:sqlite, better-sqlite3, @photostructure/sqlite and libsql have it. */
interface SqliteHandle {
  prepare(sql: string): {
    run(...values: readonly unknown[]): { readonly changes: number | bigint };
    all(...values: readonly unknown[]): ReadonlyArray<Readonly<Record<string, unknown>>>;
  };
  exec(sql: string): unknown;
}

const READS = /^\s*(select|with|pragma|values)\b|\breturning\b/i;

/**
 * What sends statements in a transaction of the application, recognized by its structure.
 *
 * @throws InvalidOptionError for an object that is none.
 */
export function adaptTransaction(transaction: object, dialect: SqlDialectName): SqlConnection {
  if (dialect === 'sqlite' && isSqliteHandle(transaction)) {
    return { query: async (sql, params) => queryOf(transaction, sql, params) };
  }
  throw new InvalidOptionError(
    'MessengerModule',
    'transaction',
    'ran its work with something that is no transaction; it must pass the open database handle',
  );
}

function queryOf(handle: SqliteHandle, sql: string, params: readonly unknown[]): SqlResult {
  const statement = handle.prepare(sql);
  return READS.test(sql)
    ? { rows: statement.all(...params), affected: 0 }
    : { rows: [], affected: Number(statement.run(...params).changes) };
}

function isSqliteHandle(value: object | undefined | null): value is SqliteHandle {
  const { prepare, exec } = (value ?? {}) as { prepare?: unknown; exec?: unknown };
  return typeof prepare === 'function' && typeof exec === 'function';
}
