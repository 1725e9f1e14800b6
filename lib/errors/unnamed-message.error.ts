import { MessengerError } from './messenger.error.js';

/** A message class has no name to travel under. */
export class UnnamedMessageError extends MessengerError {
  readonly code = 'MESSENGER_UNNAMED_MESSAGE';

  constructor() {
    super(
      `An anonymous class is used as a message. Name the class, or decorate it with @AsMessage({ name: '…' }).`,
    );
  }
}
