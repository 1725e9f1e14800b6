import { realpathSync } from 'node:fs';
import { TransportError } from '../../../errors/transport.error.js';
import { adaptTransaction } from '../transactions/adapt-transaction.js';
import type { SqlConnection } from '../transactions/sql-connection.js';
import type { SqlTransactionWriter } from '../sql.queue.js';
import { sqliteCodeOf, toTransportError } from './sqlite.errors.js';
import { IN_MEMORY } from './sqlite.options.js';
import type { SqliteQueue } from './sqlite.queue.js';
import type { EncodedRow } from '../sql.rows.js';
import { setupScript } from './sqlite.schema.js';

/** What a {@link SqliteTransactionWriter} is made of. */
export interface SqliteTransactionWriterSetup {
  readonly transportName: string;
  /** Absolute path, or `:memory:`. */
  readonly file: string;
  readonly table: string;
  /** Whether a table that is missing is made, in the transaction. */
  readonly autoSetup: boolean;
  readonly queue: SqliteQueue;
}

/** Rows of one statement, of five values each: SQLite takes 32,766 at the most, and some builds 999. */
const ROWS_EACH = 100;

/** Whether a table is there, and the file in which. */
const LOOK = `
  SELECT (SELECT file FROM pragma_database_list WHERE name = 'main') AS file,
         (SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE) AS found`;

/**
 * Writes rows by a transaction of the application: through its connection, so that they become visible with its commit, and
 * without one of our own, which would wait for the lock that the transaction holds.
 */
export class SqliteTransactionWriter implements SqlTransactionWriter {
  readonly #setup: SqliteTransactionWriterSetup;

  constructor(setup: SqliteTransactionWriterSetup) {
    this.#setup = setup;
  }

  /**
   * @returns the ids of the new rows.
   * @throws UnknownTransactionError; TransportError for a transaction on another file, or whatever SQLite does wrong.
   */
  async insert(transaction: object, rows: readonly EncodedRow[]): Promise<readonly number[]> {
    const connection = adaptTransaction(transaction, 'sqlite');
    const { transportName, file } = this.#setup;
    try {
      await this.#prepare(connection);
      const ids: number[] = [];
      for (let start = 0; start < rows.length; start += ROWS_EACH) {
        ids.push(...(await this.#insertSome(connection, rows.slice(start, start + ROWS_EACH))));
      }
      return ids;
    } catch (error) {
      throw sqliteCodeOf(error) === undefined && !(error instanceof TransportError)
        ? new TransportError(transportName, 'the transaction could not take a message. See the cause.', {
            cause: error,
          })
        : toTransportError(transportName, file, error);
    }
  }

  async #prepare(connection: SqlConnection): Promise<void> {
    const { transportName, file, table, autoSetup } = this.#setup;
    const { rows } = await connection.query(LOOK, [table]);
    const { file: actual, found } = rows[0] as { readonly file: string; readonly found: number | bigint };
    if (!isSameFile(actual, file)) {
      const where = actual === '' ? 'a database in memory' : `the file "${actual}"`;
      throw new TransportError(
        transportName,
        `the transaction is one on ${where}, but the messages are kept in "${file}"` +
          `${file === IN_MEMORY ? ', which only this transport can see' : ''}. Give both the same file. Nothing was stored.`,
      );
    }
    if (Number(found) > 0) {
      return;
    }
    if (!autoSetup) {
      const problem = `the table "${table}" does not exist. Run "setup-transports", or set "auto_setup" to true.`;
      throw new TransportError(transportName, problem);
    }
    for (const statement of setupScript(table)) {
      await connection.query(statement, []);
    }
  }

  async #insertSome(connection: SqlConnection, rows: readonly EncodedRow[]): Promise<readonly number[]> {
    const { table, queue } = this.#setup;
    const places = rows.map(() => '(?, ?, ?, ?, ?)').join(', ');
    const { rows: inserted } = await connection.query(
      `INSERT INTO "${table}" (queue_name, body, headers, created_at, available_at) VALUES ${places} RETURNING id`,
      rows.flatMap((row) => queue.insertValues(row)),
    );
    // AUTOINCREMENT counts up in the order of the values; in which order they are returned is not defined.
    return inserted.map(({ id }) => Number(id)).sort((a, b) => a - b);
  }
}

function isSameFile(actual: string, expected: string): boolean {
  return expected !== IN_MEMORY && actual !== '' && (actual === expected || real(actual) === real(expected));
}

function real(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
