import { MessengerError } from './messenger.error.js';

/** The DSN of a transport cannot be understood. `dsn` and the text are free of secrets. */
export class InvalidDsnError extends MessengerError {
  readonly code = 'MESSENGER_INVALID_DSN';

  constructor(
    readonly transportName: string,
    readonly dsn: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`Transport "${transportName}": the DSN "${dsn}" is not valid: ${reason}.`, options);
  }
}
