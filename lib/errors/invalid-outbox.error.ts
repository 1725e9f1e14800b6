import { MessengerError } from './messenger.error.js';

/** A transport cannot keep the outbox of another one, or the other one can have none. */
export class InvalidOutboxError extends MessengerError {
  readonly code = 'MESSENGER_INVALID_OUTBOX';

  /** @param reason completes `Transport "async" cannot have its outbox in transport "db": …`. */
  constructor(
    readonly transportName: string,
    readonly outbox: string,
    reason: string,
  ) {
    super(`Transport "${transportName}" cannot have its outbox in transport "${outbox}": ${reason}.`);
  }
}
