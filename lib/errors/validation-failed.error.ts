import { UnrecoverableError } from './unrecoverable.error.js';

/** One thing a validator found wrong. */
export interface Violation {
  /** The path of the field, e.g. `items.0.price`; empty for the message as a whole. */
  readonly path: string;
  readonly message: string;
}

/** A message does not satisfy its own rules. Retrying cannot help, hence unrecoverable. */
export class ValidationFailedError extends UnrecoverableError {
  override readonly code = 'MESSENGER_VALIDATION_FAILED';

  constructor(
    readonly messageName: string,
    readonly violations: readonly Violation[],
  ) {
    const list = violations
      .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
      .join('; ');
    super(`Message "${messageName}" is not valid: ${list}.`);
  }
}
