import type { Envelope } from '../envelope/envelope.js';
import { NonSendableStamp } from '../envelope/stamp.js';
import { HandlerFailedError } from '../errors/handler-failed.error.js';
import { isThrown } from '../errors/is-thrown.js';
import { MessageDecodingFailedStamp } from '../stamp/message-decoding-failed.stamp.js';
import { OriginStamp } from '../stamp/origin.stamp.js';
import { SerializedMessageStamp } from '../stamp/serialized-message.stamp.js';

/**
 * The envelope from which the copy of a failed message is made: with the stamps it got on its way, so that handlers which
 * succeeded are remembered, and without what only had a meaning for this delivery, except where it came from. The message
 * travels as it was received, byte for byte, whatever a handler did to the object.
 *
 * @param error what was thrown, if it was handled.
 */
export function sendableCopy(received: Envelope, error?: unknown): Envelope {
  // The error may come from a message that a middleware dispatched in its turn; its envelope is not ours.
  const isOurs = isThrown(error, HandlerFailedError) && error.envelope.message === received.message;
  const source = isOurs ? error.envelope : received;
  const kept = received
    .all()
    .filter(
      (stamp) =>
        stamp instanceof SerializedMessageStamp ||
        stamp instanceof MessageDecodingFailedStamp ||
        stamp instanceof OriginStamp,
    );
  return source.withoutKindOf(NonSendableStamp).with(...kept);
}
