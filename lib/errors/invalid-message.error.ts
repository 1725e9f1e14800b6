import { MessengerError } from './messenger.error.js';

/** Something that is no object was dispatched. */
export class InvalidMessageError extends MessengerError {
  readonly code = 'MESSENGER_INVALID_MESSAGE';

  constructor(received: unknown) {
    super(`A message must be an instance of a class, got ${received === null ? 'null' : typeof received}.`);
  }
}
