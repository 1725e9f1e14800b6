import { MessengerError } from './messenger.error.js';
import { quoted } from './quoted.js';

/** There are several buses, and it is not said which of them is the default. */
export class MissingDefaultBusError extends MessengerError {
  readonly code = 'MESSENGER_MISSING_DEFAULT_BUS';

  constructor(readonly buses: readonly string[]) {
    super(
      `MessengerModule: there are ${buses.length} buses (${quoted(buses)}), and "defaultBus" ` +
        `does not say which of them is injected as MessageBus. Set it to one of them.`,
    );
  }
}
