import { MessengerError } from './messenger.error.js';
import { quoted } from './quoted.js';

/** No transport factory answers to the scheme of a DSN. */
export class UnknownSchemeError extends MessengerError {
  readonly code = 'MESSENGER_UNKNOWN_SCHEME';

  constructor(
    readonly transportName: string,
    readonly scheme: string,
    readonly known: readonly string[],
    /** The known scheme most like it, if any is. */
    readonly nearest?: string,
  ) {
    super(
      `Transport "${transportName}": the DSN scheme "${scheme}" is not known.` +
        `${nearest === undefined ? '' : ` Did you mean "${nearest}"?`} ` +
        `Known schemes: ${quoted(known)}. ` +
        `Use one of them, or give MessengerModule a factory for it in "transportFactories".`,
    );
  }
}
