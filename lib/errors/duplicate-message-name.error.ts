import { MessengerError } from './messenger.error.js';

/** Two message classes claim one wire name. */
export class DuplicateMessageNameError extends MessengerError {
  readonly code = 'MESSENGER_DUPLICATE_MESSAGE_NAME';

  constructor(
    readonly messageName: string,
    readonly firstClass: string,
    readonly secondClass: string,
  ) {
    super(
      `Two message classes, "${firstClass}" and "${secondClass}", have the name "${messageName}". ` +
        `Give one of them another with @AsMessage({ name: '…' }).`,
    );
  }
}
