import { Gatherer } from '../../../transport/gatherer.js';
import type { SqliteDatabase } from './sqlite.driver.js';
import type { SqliteFileLock } from './sqlite.file-lock.js';
import { closeSqlite } from './sqlite.open.js';
import { SqliteTransactions, type WriteOperation, type WriteOutcome } from './sqlite.transactions.js';

/** An open database. All changes to it go through {@link write}, which gathers those of one turn into one transaction. */
export class SqliteSession {
  readonly database: SqliteDatabase;
  readonly #writes: Gatherer<WriteOperation<unknown>, WriteOutcome>;

  /** @param busyTimeout how long to wait for the lock, in milliseconds. */
  constructor(database: SqliteDatabase, lock: SqliteFileLock, busyTimeout: number) {
    const transactions = new SqliteTransactions(database, lock, busyTimeout);
    this.database = database;
    this.#writes = new Gatherer((operations) => transactions.run(operations));
  }

  /** Makes a change together with those of other callers. @throws the driver's own error */
  async write<Result>(operation: WriteOperation<Result>): Promise<Result> {
    const outcome = await this.#writes.add(operation);
    if ('error' in outcome) {
      throw outcome.error;
    }
    return outcome.value as Result;
  }

  /** Resolves when the changes asked for so far have been made. */
  drained(): Promise<void> {
    return this.#writes.drained();
  }

  close(): void {
    closeSqlite(this.database);
  }
}
