import { MessengerError } from './messenger.error.js';

/** A setting of a retry strategy is out of range. */
export class InvalidRetryStrategyError extends MessengerError {
  readonly code = 'MESSENGER_INVALID_RETRY_STRATEGY';

  constructor(
    readonly setting: string,
    readonly rule: string,
    readonly value: unknown,
    /** Whose it is, e.g. `Transport "async", "retry"`. */
    readonly where: string = 'Retry strategy',
  ) {
    super(`${where}: "${setting}" must be ${rule}, got ${String(value)}.`);
  }
}
