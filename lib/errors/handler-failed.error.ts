import type { Envelope } from '../envelope/envelope.js';
import { MessengerError } from './messenger.error.js';
import { textOfThrown } from './text-of-thrown.js';

const UNREADABLE = 'an error whose text cannot be read.';

/**
 * One or more handlers of a message threw. All handlers ran; those that succeeded have a `HandledStamp` in
 * {@link envelope} and are skipped when the message is retried. The first failure is the `cause`.
 */
export class HandlerFailedError extends MessengerError {
  readonly code = 'MESSENGER_HANDLER_FAILED';

  constructor(
    readonly envelope: Envelope,
    /** What each failed handler threw, under the handler's name, in the order they ran. */
    readonly errors: ReadonlyMap<string, unknown>,
  ) {
    super(describe(envelope, errors), { cause: errors.values().next().value });
  }
}

function describe(envelope: Envelope, errors: ReadonlyMap<string, unknown>): string {
  const first = errors.values().next().value;
  const text = textOfThrown(first, UNREADABLE);
  const subject = `Handling "${envelope.message.constructor?.name ?? 'Object'}" failed: `;
  return errors.size === 1
    ? subject + text
    : `${subject}${errors.size} handlers failed. The first failure is: ${text}`;
}
