import { NonSendableStamp } from '../envelope/stamp.js';

/** The time during which what is dispatched belongs to a transaction. */
export interface TransactionScope {
  /**
   * Sends a message as a part of the transaction, which does not end before.
   *
   * @param messageName named in the error.
   * @throws TransactionEndedError when it has ended already; nothing is sent then.
   */
  send<T>(messageName: string, send: (transaction: object) => Promise<T>): Promise<T>;
}

/**
 * The message was dispatched in a transaction, and waits for the message being handled. That may end after the
 * transaction, which then must not go unnoticed.
 */
export class TransactionScopeStamp extends NonSendableStamp {
  constructor(readonly scope: TransactionScope) {
    super();
  }
}
