import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SqliteDatabase, SqliteStatement } from './sqlite.driver.js';
import { isStatementFault } from './sqlite.errors.js';
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
 * them the event loop gets its turn.
 */
export class SqliteTransactions {
  readonly #begin: SqliteStatement;
  readonly #commit: SqliteStatement;
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
  }

  /** Runs the operations in their order; one that fails by its own fault does not spoil the others. */
  run(
    operations: ReadonlyArray<WriteOperation<unknown>>,
  ): readonly WriteOutcome[] | Promise<readonly WriteOutcome[]> {
    const [first, ...more] = batchesOf(operations);
    return more.length === 0 ? this.#runBatch(first ?? []) : this.#runBatches([first ?? [], ...more]);
  }

  async #runBatches(
    batches: ReadonlyArray<ReadonlyArray<WriteOperation<unknown>>>,
  ): Promise<readonly WriteOutcome[]> {
    const outcomes: WriteOutcome[] = [];
    for (const batch of batches) {
      outcomes.push(...this.#runBatch(batch));
      await nextTurn();
    }
    return outcomes;
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
