import { MessengerError } from './messenger.error.js';

/** A message was dispatched in a transaction that has ended. It was not sent. */
export class TransactionEndedError extends MessengerError {
  readonly code = 'MESSENGER_TRANSACTION_ENDED';

  constructor(readonly messageName: string) {
    super(
      `Message "${messageName}" was to be sent in a transaction that has ended: the work of inTransaction() had been done, so ` +
        'the message can no longer be a part of it. It was not sent. Await every dispatch inside of the work; start what ' +
        'shall go on afterwards outside of it; and leave out DispatchAfterCurrentBusStamp, since what is dispatched in a ' +
        'transaction is sent only if it commits.',
    );
  }
}
