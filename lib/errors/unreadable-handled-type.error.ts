import { MessengerError } from './messenger.error.js';

/** It cannot be told which messages a handler handles. */
export class UnreadableHandledTypeError extends MessengerError {
  readonly code = 'MESSENGER_UNREADABLE_HANDLED_TYPE';

  /** @param reason what is wrong, and what to write instead. */
  constructor(
    readonly handlerName: string,
    reason: string,
  ) {
    super(`Handler "${handlerName}": ${reason}.`);
  }
}
