import { MessengerError } from './messenger.error.js';
import { quoted } from './quoted.js';

/** No transport of the application knows which workers there are. */
export class RollUnavailableError extends MessengerError {
  readonly code = 'MESSENGER_ROLL_UNAVAILABLE';

  constructor(readonly transportNames: readonly string[]) {
    super(
      `No transport keeps the list of the workers that run (configured: ${quoted(transportNames)}). ` +
        `Ask your supervisor for them, or configure a transport that keeps the list, "sqlite:" for instance.`,
    );
  }
}
