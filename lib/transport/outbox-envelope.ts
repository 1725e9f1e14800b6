import type { Envelope } from '../envelope/envelope.js';
import { NonSendableStamp } from '../envelope/stamp.js';
import { DelayStamp, MAX_DELAY_MS } from '../stamp/delay.stamp.js';
import { MessageDecodingFailedStamp } from '../stamp/message-decoding-failed.stamp.js';
import { OutboxStamp } from '../stamp/outbox.stamp.js';
import { SerializedMessageStamp } from '../stamp/serialized-message.stamp.js';
import { TransportMessageIdStamp } from '../stamp/transport-message-id.stamp.js';

/**
 * A message as it is kept in an outbox. It waits there for nothing but to be forwarded, so its delay becomes the time at
 * which that ends.
 *
 * @param now an epoch in milliseconds.
 */
export function intoOutbox(envelope: Envelope, storeName: string, now: number): Envelope {
  const delay = envelope.last(DelayStamp)?.delay ?? 0;
  return envelope
    .without(DelayStamp)
    .without(OutboxStamp)
    .without(TransportMessageIdStamp)
    .with(new OutboxStamp(storeName, delay > 0 ? now + delay : undefined));
}

/**
 * The message that is forwarded: as it was dispatched, the same bytes under the same `MessageIdStamp`, with what is left of
 * its delay, and without what it got in the outbox.
 *
 * @param received as the outbox handed it out.
 * @param now an epoch in milliseconds.
 */
export function outOfOutbox(received: Envelope, now: number): Envelope {
  const kept = received
    .all()
    .filter(
      (stamp) => stamp instanceof SerializedMessageStamp || stamp instanceof MessageDecodingFailedStamp,
    );
  const { dueAt = now } = received.last(OutboxStamp) ?? {};
  const copy = received.withoutKindOf(NonSendableStamp).without(OutboxStamp).without(TransportMessageIdStamp);
  const rest = dueAt > now ? [new DelayStamp(Math.min(dueAt - now, MAX_DELAY_MS))] : [];
  return copy.with(...kept, ...rest);
}
