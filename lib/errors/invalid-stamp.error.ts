import { MessengerError } from './messenger.error.js';

/** A stamp was made with a value that has no meaning. */
export class InvalidStampError extends MessengerError {
  readonly code = 'MESSENGER_INVALID_STAMP';

  constructor(
    readonly stampName: string,
    reason: string,
  ) {
    super(`Invalid "${stampName}": ${reason}.`);
  }
}
