import { NonSendableStamp } from '../envelope/stamp.js';
import { InvalidStampError } from '../errors/invalid-stamp.error.js';

/**
 * Stores the message in a transaction of the application: it exists if, and only if, that commits. It goes before the
 * transaction of `Messenger.inTransaction()`.
 *
 * The envelope that `dispatch` returns does not have it any more, so that nobody sends a second time by a transaction that
 * has ended.
 */
export class TransactionStamp extends NonSendableStamp {
  /**
   * @param transaction what the driver or the ORM hands out inside of a transaction: a client, an entity manager, a `tx`.
   * @throws InvalidStampError for something that can be none.
   */
  constructor(readonly transaction: object) {
    super();
    const given: unknown = transaction;
    if ((typeof given !== 'object' || given === null) && typeof given !== 'function') {
      throw new InvalidStampError(
        'TransactionStamp',
        `a transaction is what the driver or the ORM hands out inside of one, got ${given === null ? 'null' : typeof given}`,
      );
    }
  }
}
