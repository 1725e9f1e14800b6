import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SqliteDatabase, SqliteStatement } from './sqlite.driver.js';
import { isStatementFault } from './sqlite.errors.js';
import { SqliteFileLock } from './sqlite.file-lock.js';
import { MAX_ROWS } from './sqlite.statements.js';

/** A change that is made entirely or not at all. It may run twice: the first run is rolled back then. */
export interface WriteOperation<Result> {
  /** How many rows it may change, at most. */
  readonly rows: number;
  /** It is one statement, which is atomic without a transaction around it. */
  readonly isOneStatement: boolean;
  run(): Result;
}

/** What became of one operation. */
export type WriteOutcome = { readonly value: unknown } | { readonly error: unknown };

/**
 * Makes changes of many callers durable together. A transaction holds at most {@link MAX_ROWS} rows, and between two of
 * them the event loop gets its turn. None is begun while somebody holds the lock.
 */
export class SqliteTransactions {
  readonly #begin: SqliteStatement;
  readonly #commit: SqliteStatement;
  readonly #database: SqliteDatabase;
  readonly #lock: SqliteFileLock;
  readonly #busyTimeout: number;

  /** @param busyTimeout how long to wait for the lock, in milliseconds. */
  constructor(database: SqliteDatabase, lock: SqliteFileLock = new SqliteFileLock(), busyTimeout = 0) {
    this.#database = database;
    this.#lock = lock;
    this.#busyTimeout = busyTimeout;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
  }

  /** Runs the operations in their order; one that fails by its own fault does not spoil the others. */
  run(
    operations: ReadonlyArray<WriteOperation<unknown>>,
  ): readonly WriteOutcome[] | Promise<readonly WriteOutcome[]> {
    const [first = [], ...more] = batchesOf(operations);
    return more.length === 0 && !this.#lock.isHeld
      ? this.#runBatch(first)
      : this.#runBatches([first, ...more]);
  }

  async #runBatches(
    batches: ReadonlyArray<ReadonlyArray<WriteOperation<unknown>>>,
  ): Promise<readonly WriteOutcome[]> {
    const outcomes: WriteOutcome[] = [];
    for (const batch of batches) {
      outcomes.push(...(await this.#runWhenReleased(batch)));
      await nextTurn();
    }
    return outcomes;
  }

  async #runWhenReleased(batch: ReadonlyArray<WriteOperation<unknown>>): Promise<readonly WriteOutcome[]> {
    try {
      // Asked again, since nothing may come between the answer and what is done.
      while (this.#lock.isHeld) {
        await this.#lock.released(this.#busyTimeout);
      }
    } catch (error) {
      return batch.map(() => ({ error }));
    }
    return this.#runBatch(batch);
  }

  #runBatch(batch: ReadonlyArray<WriteOperation<unknown>>): readonly WriteOutcome[] {
    const [only] = batch;
    if (batch.length === 1 && only?.isOneStatement === true) {
      try {
        return [{ value: only.run() }];
      } catch (error) {
        return [{ error }];
      }
    }
    return this.#runTransaction(batch);
  }

  #runTransaction(batch: ReadonlyArray<WriteOperation<unknown>>): readonly WriteOutcome[] {
    const outcomes: WriteOutcome[] = [];
    try {
      this.#begin.run();
      for (const operation of batch) {
        outcomes.push({ value: operation.run() });
      }
      this.#commit.run();
      return outcomes;
    } catch (error) {
      this.#rollBack();
      const culprit = outcomes.length;
      if (culprit === batch.length || batch.length === 1 || !isStatementFault(error)) {
        return batch.map(() => ({ error }));
      }
      return this.#runBatch(batch.toSpliced(culprit, 1)).toSpliced(culprit, 0, { error });
    }
  }

  #rollBack(): void {
    try {
      this.#database.exec('ROLLBACK');
    } catch {
      // There is nothing to roll back if BEGIN failed, or if SQLite did it already, as it does when the disk is full.
    }
  }
}

function batchesOf(
  operations: ReadonlyArray<WriteOperation<unknown>>,
): ReadonlyArray<ReadonlyArray<WriteOperation<unknown>>> {
  const batches: Array<Array<WriteOperation<unknown>>> = [];
  let rows = Number.POSITIVE_INFINITY;
  for (const operation of operations) {
    if (rows + operation.rows > MAX_ROWS) {
      batches.push([]);
      rows = 0;
    }
    batches.at(-1)?.push(operation);
    rows += operation.rows;
  }
  return batches;
}
