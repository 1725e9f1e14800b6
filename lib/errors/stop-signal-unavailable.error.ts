import { MessengerError } from './messenger.error.js';
import { quoted } from './quoted.js';

/** No transport of the application can tell its workers to stop. */
export class StopSignalUnavailableError extends MessengerError {
  readonly code = 'MESSENGER_STOP_SIGNAL_UNAVAILABLE';

  constructor(readonly transportNames: readonly string[]) {
    super(
      `No transport can keep the signal that stops the workers (configured: ` +
        `${quoted(transportNames)}). ` +
        `Send SIGTERM to the workers, or configure a transport that keeps signals, "sqlite:" for instance.`,
    );
  }
}
