import { MessengerError } from './messenger.error.js';
import { quoted } from './quoted.js';

/** `execute` needs exactly one handler's result. */
export class NotHandledOnceError extends MessengerError {
  readonly code = 'MESSENGER_NOT_HANDLED_ONCE';

  constructor(
    readonly messageName: string,
    readonly handlerNames: readonly string[],
    readonly transportNames: readonly string[],
    readonly duplicateKey?: string,
  ) {
    super(
      `execute() needs exactly one handler for "${messageName}" in this process, but ` +
        (transportNames.length > 0
          ? `it was sent to ${quoted(transportNames)}.`
          : handlerNames.length > 0
            ? `${handlerNames.length} did: ${quoted(handlerNames)}.`
            : duplicateKey === undefined
              ? 'none handled it.'
              : `it was dropped: another message has the lock "${duplicateKey}" of its DeduplicateStamp.`),
    );
  }
}
