import { MessengerError } from './messenger.error.js';
import { quoted } from './quoted.js';

/** An option key that nobody reads: a typing error, caught at boot. */
export class UnknownOptionError extends MessengerError {
  readonly code = 'MESSENGER_UNKNOWN_OPTION';

  /**
   * @param where whose option it is, e.g. `Transport "async"`.
   * @param nearest the known option most like it, if any is.
   */
  constructor(
    readonly where: string,
    readonly option: string,
    readonly known: readonly string[],
    readonly nearest?: string,
  ) {
    super(
      `${where}: unknown option "${option}".${nearest === undefined ? '' : ` Did you mean "${nearest}"?`} ` +
        `Known options: ${quoted(known)}.`,
    );
  }
}
