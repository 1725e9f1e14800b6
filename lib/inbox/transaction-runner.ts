/**
 * Opens transactions on the database of the application.
 *
 * @example
 * ```ts
 * { run: (work) => dataSource.transaction(work) }
 * ```
 */
export interface TransactionRunner {
  /**
   * Calls `work` in a new transaction, with what stands for it in the application: an entity manager, a client, a `trx`. Commits
   * when `work` resolves and resolves with its result; rolls back when it rejects, and rejects with its error. It may call
   * `work` again after it rolled back, when two transactions were in each other's way for instance.
   */
  run<T>(work: (transaction: object) => Promise<T>): Promise<T>;
}
