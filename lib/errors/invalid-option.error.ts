import { MessengerError } from './messenger.error.js';

/** An option has a value it cannot take. */
export class InvalidOptionError extends MessengerError {
  readonly code = 'MESSENGER_INVALID_OPTION';

  /** @param where whose option it is, e.g. `Transport "async"`. */
  constructor(
    readonly where: string,
    readonly option: string,
    reason: string,
  ) {
    super(`${where}: option "${option}" ${reason}.`);
  }
}
