import { setTimeout as sleep } from 'node:timers/promises';
import type { SqliteDatabase } from './sqlite.driver.js';
import { sqliteCodeOf } from './sqlite.errors.js';
import type { SqliteFileLock } from './sqlite.file-lock.js';

/** How long to wait before asking again for the file that another process is writing to. */
const LOCK_RETRY_MS = 5;

/** What {@link SqliteLastingTransactions} need. */
export interface LastingTransactionsParts {
  readonly lock: SqliteFileLock;
  /** Opens the connection they run on; `isOwn`: it is closed with them. */
  readonly open: () => Promise<{ readonly database: SqliteDatabase; readonly isOwn: boolean }>;
}

/**
 * Transactions that stay open while something asynchronous goes on in them: one at a time, on a connection that the statements
 * of the transports do not go through.
 */
export class SqliteLastingTransactions {
  readonly #parts: LastingTransactionsParts;
  #opened: ReturnType<LastingTransactionsParts['open']> | undefined;

  constructor(parts: LastingTransactionsParts) {
    this.#parts = parts;
  }

  /**
   * Runs `work` in a transaction: committed when it resolves, rolled back when it rejects.
   *
   * @param busyTimeout milliseconds to wait for other processes.
   * @param translate makes an error of ours of what the driver throws outside of `work`.
   */
  run<T>(
    work: (database: SqliteDatabase) => Promise<T>,
    busyTimeout: number,
    translate: (error: unknown) => Error,
  ): Promise<T> {
    return this.#parts.lock.hold(async () => {
      const database = await this.#begin(busyTimeout).catch((error: unknown) => {
        throw translate(error);
      });
      let result: T;
      try {
        result = await work(database);
      } catch (error) {
        rollBack(database);
        throw error;
      }
      try {
        database.exec('COMMIT');
      } catch (error) {
        rollBack(database);
        throw translate(error);
      }
      return result;
    });
  }

  /** Closes the connection. What is open on it is rolled back. */
  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    if (opened?.isOwn === true) {
      opened.database.close();
    }
  }

  async #begin(busyTimeout: number): Promise<SqliteDatabase> {
    const { database } = await this.#open();
    const deadline = performance.now() + busyTimeout;
    for (;;) {
      try {
        database.exec('BEGIN IMMEDIATE');
        return database;
      } catch (error) {
        if (sqliteCodeOf(error) !== 'BUSY' || performance.now() >= deadline) {
          throw error;
        }
      }
      // Another process is in a handler, which may take its time: nothing is blocked meanwhile.
      await sleep(LOCK_RETRY_MS);
    }
  }

  async #open(): ReturnType<LastingTransactionsParts['open']> {
    this.#opened ??= this.#parts.open();
    try {
      return await this.#opened;
    } catch (error) {
      this.#opened = undefined;
      throw error;
    }
  }
}

function rollBack(database: SqliteDatabase): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // SQLite has done it already, as it does when the disk is full. What went wrong is told by the first error.
  }
}
