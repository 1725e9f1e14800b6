import { MessengerError } from './messenger.error.js';
import { quoted } from './quoted.js';

/** A message has a `DeduplicateStamp`, and nothing it goes to can keep the lock. It was not sent. */
export class DeduplicationUnavailableError extends MessengerError {
  readonly code = 'MESSENGER_DEDUPLICATION_UNAVAILABLE';

  /**
   * @param transportNames the transports that the message is routed to.
   * @param able the transports of the application that can keep locks.
   */
  constructor(
    readonly messageName: string,
    readonly transportNames: readonly string[],
    readonly able: readonly string[],
  ) {
    const obstacle =
      transportNames.length === 0
        ? 'it is routed to no transport that could keep the lock'
        : `none of the transports it is routed to (${quoted(transportNames)}) can keep the lock`;
    const hint =
      able.length === 0
        ? 'Configure a transport that can, "redis:" or "sqlite:" for instance, and name it in the option "deduplication" of the module.'
        : `Name one that can in the option "deduplication" of the module: ${quoted(able)}.`;
    super(`Message "${messageName}" has a DeduplicateStamp, but ${obstacle}. ${hint}`);
  }
}
