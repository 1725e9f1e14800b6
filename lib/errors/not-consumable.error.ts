import { MessengerError } from './messenger.error.js';

/** A worker was asked to consume a transport that it cannot consume, or not in this way. */
export class NotConsumableError extends MessengerError {
  readonly code: string = 'MESSENGER_NOT_CONSUMABLE';

  constructor(
    readonly transportName: string,
    reason: string,
  ) {
    super(`Transport "${transportName}" ${reason}.`);
  }
}
