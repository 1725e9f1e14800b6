import { MessengerError } from './messenger.error.js';
import { quoted } from './quoted.js';

/** A message routed to several transports reached only some of them. Dispatching it again would double it there. */
export class PartiallySentError extends MessengerError {
  readonly code = 'MESSENGER_PARTIALLY_SENT';

  constructor(
    readonly messageName: string,
    readonly sentTo: readonly string[],
    readonly failedTransport: string,
    cause: unknown,
  ) {
    super(
      `Message "${messageName}" was sent to ${quoted(sentTo)}, but transport ` +
        `"${failedTransport}" refused it. See the cause.`,
      { cause },
    );
  }
}
