import type { CurrentTransaction } from '../middleware/current-transaction.js';

/**
 * What concerns no single bus. Inject it by this class.
 *
 * @example
 * ```ts
 * await dataSource.transaction((manager) =>
 *   messenger.inTransaction(manager, async () => {
 *     await manager.save(order);
 *     await bus.dispatch(new OrderPlaced(order.id));
 *   }),
 * );
 * ```
 */
export class Messenger {
  readonly #transactions: CurrentTransaction;

  /** @param transactions the one that the buses share. */
  constructor(transactions: CurrentTransaction) {
    this.#transactions = transactions;
  }

  /**
   * Runs `work`; every message that it dispatches, on whichever bus and however deep, is stored in `transaction`: it exists
   * if, and only if, that commits. Neither begins nor ends the transaction. A `TransactionStamp` on a message goes before it,
   * and of nested calls the inner one counts.
   *
   * Resolves with the result of `work` once everything it began to send is stored, awaited or not. What `work` leaves running,
   * and dispatches later, is refused with a `TransactionEndedError`.
   *
   * A message that is handled where it is dispatched is handled at once, as ever.
   *
   * @param transaction what the driver or the ORM hands out inside of a transaction: a client, an entity manager, a `tx`.
   * @throws what `work` throws. Dispatching in it throws NotTransactionalError for a message that goes to a transport which
   * can take no part in a transaction.
   */
  inTransaction<T>(transaction: object, work: () => T | Promise<T>): Promise<T> {
    return this.#transactions.run(transaction, work);
  }
}
