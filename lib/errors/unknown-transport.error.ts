import { MessengerError } from './messenger.error.js';
import { quoted } from './quoted.js';

/** A transport name that was not configured. */
export class UnknownTransportError extends MessengerError {
  readonly code = 'MESSENGER_UNKNOWN_TRANSPORT';

  constructor(
    readonly transportName: string,
    readonly known: readonly string[],
    /** Who asked for it, e.g. `A route of "OrderPlaced"`. */
    readonly where?: string,
  ) {
    super(
      `${where === undefined ? 'U' : `${where}: u`}nknown transport "${transportName}". ` +
        `Known transports: ${quoted(known)}.`,
    );
  }
}
