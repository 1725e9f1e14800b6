import { UnknownTransactionError } from '../../../errors/unknown-transaction.error.js';
import type { SqlConnection, SqlDialectName } from './sql-connection.js';

/** The part of a synchronous SQLite driver's database that is used here. */
interface SyncDatabase {
  prepare(sql: string): {
    all(...params: readonly unknown[]): ReadonlyArray<Readonly<Record<string, unknown>>>;
  };
}

/**
 * The connection of a transaction of the application.
 *
 * @param transaction a database of `node:sqlite`, `better-sqlite3` or `libsql`, or an own {@link SqlConnection}.
 * @throws UnknownTransactionError
 */
export function adaptTransaction(transaction: object, dialect: SqlDialectName): SqlConnection {
  const { prepare, query } = transaction as Partial<SyncDatabase & SqlConnection>;
  if (typeof query === 'function') {
    return transaction as SqlConnection;
  }
  if (typeof prepare === 'function' && dialect === 'sqlite') {
    const database = transaction as SyncDatabase;
    return {
      query: async (sql, params) => {
        const statement = database.prepare(sql);
        const { reader = true, run } = statement as {
          reader?: boolean;
          run?: (...values: readonly unknown[]) => unknown;
        };
        if (!reader && run !== undefined) {
          run.apply(statement, [...params]);
          return { rows: [], affected: 0 };
        }
        const rows = statement.all(...params);
        return { rows, affected: rows.length };
      },
    };
  }
  throw new UnknownTransactionError(transaction.constructor?.name ?? 'Object', ['a SQLite database']);
}
