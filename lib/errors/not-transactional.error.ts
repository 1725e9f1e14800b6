import { MessengerError } from './messenger.error.js';
import { quoted } from './quoted.js';

/** A message was dispatched in a transaction, and goes to a transport that cannot take part in one. Nothing was sent. */
export class NotTransactionalError extends MessengerError {
  readonly code = 'MESSENGER_NOT_TRANSACTIONAL';

  /** @param capable the transports that messages can be sent to in a transaction. */
  constructor(
    readonly messageName: string,
    readonly transportName: string,
    readonly capable: readonly string[],
  ) {
    const known =
      capable.length === 0 ? 'None of the transports can.' : `Those that can: ${quoted(capable)}.`;
    super(
      `Message "${messageName}" is dispatched in a transaction, but transport "${transportName}" cannot store messages in one, ` +
        `and has no outbox. ${known} Set the option "outbox" of "${transportName}" to a transport that keeps its messages in the ` +
        'database of the transaction, or dispatch the message after the transaction has committed. Nothing was sent.',
    );
  }
}
