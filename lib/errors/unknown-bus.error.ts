import { MessengerError } from './messenger.error.js';
import { quoted } from './quoted.js';

/** A bus name that was not configured. */
export class UnknownBusError extends MessengerError {
  readonly code = 'MESSENGER_UNKNOWN_BUS';

  constructor(
    readonly busName: string,
    readonly known: readonly string[],
    /** Who asked for it, e.g. `Handler "Stock.reserve"`. */
    readonly where?: string,
  ) {
    super(
      `${where === undefined ? 'U' : `${where}: u`}nknown bus "${busName}". ` +
        `Known buses: ${quoted(known)}.`,
    );
  }
}
