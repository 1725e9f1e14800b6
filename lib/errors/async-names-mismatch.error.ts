import { MessengerError } from './messenger.error.js';
import { quoted } from './quoted.js';

/** `forRootAsync` was given other names of transports or buses than its factory then returned. */
export class AsyncNamesMismatchError extends MessengerError {
  readonly code = 'MESSENGER_ASYNC_NAMES_MISMATCH';

  constructor(
    readonly option: 'transports' | 'buses',
    /** Returned by the factory, and not named. */
    readonly unannounced: readonly string[],
    /** Named, and not returned by the factory. */
    readonly missing: readonly string[],
  ) {
    super(
      `MessengerModule.forRootAsync(): "${option}" and what useFactory returned differ. ` +
        [
          ...(unannounced.length > 0 ? [`Add ${quoted(unannounced)} to "${option}" beside useFactory`] : []),
          ...(missing.length > 0
            ? [`Let useFactory return ${quoted(missing)}, or remove it from "${option}"`]
            : []),
        ].join('. ') +
        '. The names must be known before the factory runs.',
    );
  }
}
