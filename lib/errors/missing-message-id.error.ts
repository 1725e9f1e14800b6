import { UnrecoverableError } from './unrecoverable.error.js';

/** A message for an idempotent handler has nothing that its deliveries could be told by. It goes to the failure transport. */
export class MissingMessageIdError extends UnrecoverableError {
  override readonly code = 'MESSENGER_MISSING_MESSAGE_ID';

  constructor(
    readonly handlerName: string,
    readonly messageName: string,
    readonly transportName: string,
  ) {
    super(
      `Handler "${handlerName}" is idempotent, but a message "${messageName}" of transport "${transportName}" has no id by which ` +
        'to tell that it was handled before. Let its producer send one, as a "MessageIdStamp" or as the message id of the ' +
        'broker, or take "idempotent" away.',
    );
  }
}
