import { MessengerError } from './messenger.error.js';
import type { Envelope } from '../envelope/envelope.js';
import { textOfThrown } from './text-of-thrown.js';

/** The message was handled, but one or more messages that waited for it (`DispatchAfterCurrentBusStamp`) then failed. */
export class DelayedMessageHandlingError extends MessengerError {
  readonly code = 'MESSENGER_DELAYED_MESSAGE_HANDLING';

  constructor(
    readonly envelope: Envelope,
    readonly errors: readonly unknown[],
  ) {
    const texts = errors.map((error) => textOfThrown(error, 'an error whose text cannot be read.'));
    super(`Messages dispatched after the current one failed (${errors.length}): ${texts.join(' ')}`, {
      cause: errors[0],
    });
  }
}
