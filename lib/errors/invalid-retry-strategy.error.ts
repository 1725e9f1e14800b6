import { MessengerError } from './messenger.error.js';

/** A setting of a retry strategy is out of range. */
export class InvalidRetryStrategyError extends MessengerError {
  readonly code = 'MESSENGER_INVALID_RETRY_STRATEGY';

  constructor(
    readonly setting: string,
    rule: string,
    value: unknown,
  ) {
    super(`Retry strategy: "${setting}" must be ${rule}, got ${String(value)}.`);
  }
}
