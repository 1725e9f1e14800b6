import { MessengerError } from './messenger.error.js';

/** A message was asked for by its id, and its transport has none with that id (any more). */
export class MessageNotFoundError extends MessengerError {
  readonly code = 'MESSENGER_MESSAGE_NOT_FOUND';

  constructor(
    readonly transportName: string,
    readonly id: string,
  ) {
    super(
      `Transport "${transportName}" has no message with the id "${id}". ` +
        'It may have been handled or removed; list the messages to see their ids.',
    );
  }
}
