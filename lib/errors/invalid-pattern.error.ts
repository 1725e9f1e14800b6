import { MessengerError } from './messenger.error.js';

/** A message name pattern is not a name, a prefix with `*` at its end, or `*`. */
export class InvalidPatternError extends MessengerError {
  readonly code = 'MESSENGER_INVALID_PATTERN';

  constructor(
    readonly pattern: string,
    /** Who uses it, e.g. `Handler "Stock.reserve"`. */
    readonly where?: string,
  ) {
    super(
      `${where === undefined ? '' : `${where}: `}"${pattern}" is no message pattern. ` +
        'Write a message name, a prefix such as "billing.*", or "*".',
    );
  }
}
