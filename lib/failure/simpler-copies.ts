import { Envelope } from '../envelope/envelope.js';
import { NonSendableStamp, type Stamp } from '../envelope/stamp.js';
import { classOf } from '../message/message-class.js';
import { messageNameOf } from '../message/message-metadata.js';
import { UndecodableMessage } from '../message/undecodable-message.js';
import { DelayStamp } from '../stamp/delay.stamp.js';
import { ErrorDetailsStamp } from '../stamp/error-details.stamp.js';
import { HandledStamp } from '../stamp/handled.stamp.js';
import { MessageIdStamp } from '../stamp/message-id.stamp.js';
import { RedeliveryStamp } from '../stamp/redelivery.stamp.js';
import { SentToFailureTransportStamp } from '../stamp/sent-to-failure-transport.stamp.js';
import { SerializedMessageStamp } from '../stamp/serialized-message.stamp.js';

/** What handling a failure adds to a message. */
const ADDED = new Set<unknown>([
  DelayStamp,
  RedeliveryStamp,
  SentToFailureTransportStamp,
  HandledStamp,
  ErrorDetailsStamp,
]);

/** What a message needs to be retried, found and explained, and nothing else. */
const ESSENTIAL = [MessageIdStamp, DelayStamp, RedeliveryStamp, SentToFailureTransportStamp] as const;

/** The text of an error that is kept when there is no room for more. */
const SHORT_TEXT = 200;

/**
 * What to store in the place of a copy that the serializer refuses, each simpler than the one before:
 *
 * 1. the copy without stamps that somebody added on the way;
 * 2. the bytes as they were received, as of a message that cannot be read, with the few stamps it cannot do without. The
 *    transport can store them, since that is how it stored them before.
 */
export function simplerCopies(copy: Envelope, received: Envelope): readonly Envelope[] {
  const asReceived = withBytesOf(received, copy);
  return [withoutForeignStamps(copy, received), ...(asReceived === undefined ? [] : [asReceived])];
}

function withoutForeignStamps(copy: Envelope, received: Envelope): Envelope {
  const own = new Set(received.all());
  const isKept = (stamp: Stamp): boolean =>
    own.has(stamp) || ADDED.has(stamp.constructor) || stamp instanceof NonSendableStamp;
  return new Envelope(copy.message, copy.all().filter(isKept));
}

function withBytesOf(received: Envelope, copy: Envelope): Envelope | undefined {
  const serialized = received.last(SerializedMessageStamp);
  if (serialized === undefined) {
    return undefined;
  }
  const { body, headers = { type: messageNameOf(classOf(received.message)) } } = serialized;
  const stamps: Stamp[] = ESSENTIAL.flatMap((type) => copy.last<Stamp>(type) ?? []);
  const error = copy.last(ErrorDetailsStamp);
  return new Envelope(
    new UndecodableMessage({ body, headers }),
    error === undefined ? stamps : [...stamps, shortened(error)],
  );
}

function shortened({
  errorClass,
  errorCode,
  errorMessage,
  failedAt,
  host,
}: ErrorDetailsStamp): ErrorDetailsStamp {
  return new ErrorDetailsStamp(errorClass, errorCode, errorMessage.slice(0, SHORT_TEXT), failedAt, host);
}
