import { MessengerError } from './messenger.error.js';

/** What was given as a transaction is something else of a known library, has ended, or belongs to another database. */
export class UnusableTransactionError extends MessengerError {
  readonly code = 'MESSENGER_UNUSABLE_TRANSACTION';

  /**
   * @param given names it, e.g. `A pool of node-postgres`.
   * @param reason completes `… cannot be used as a transaction: …`, e.g. `its statements run on several connections`.
   * @param instead completes `Pass …`.
   */
  constructor(
    readonly given: string,
    readonly reason: string,
    readonly instead: string,
  ) {
    super(`${given} cannot be used as a transaction: ${reason}. Pass ${instead}.`);
  }
}
