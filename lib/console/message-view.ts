import type { Envelope } from '../envelope/envelope.js';
import type { MessageRegistry } from '../message/message-registry.js';
import { shownMessageName } from '../message/shown-message-name.js';
import { BusNameStamp } from '../stamp/bus-name.stamp.js';
import { MessageIdStamp } from '../stamp/message-id.stamp.js';
import { RedeliveryStamp } from '../stamp/redelivery.stamp.js';
import { TransportMessageIdStamp } from '../stamp/transport-message-id.stamp.js';
import { contentText, contentValue } from './message-content.js';
import { printableLine } from './printable.js';

/** A message that waits, in JSON. @param withContent with the message itself. */
export function messageJson(envelope: Envelope, withContent: boolean, types: MessageRegistry): object {
  const { id, messageId, bus, retries } = factsOf(envelope);
  return {
    id,
    message: shownMessageName(envelope.message),
    messageId: messageId ?? null,
    bus: bus ?? null,
    retries,
    ...(withContent && { content: contentValue(envelope, types) }),
  };
}

/** One line of the list of messages: id, message, bus, retries. */
export function messageRow(envelope: Envelope): readonly string[] {
  const { id, bus, retries } = factsOf(envelope);
  return [id, shownMessageName(envelope.message), bus ?? '-', String(retries)];
}

/** A message that waits, in full, as names and values. */
export function messageDetails(
  envelope: Envelope,
  types: MessageRegistry,
): ReadonlyArray<readonly [name: string, value: string]> {
  const { id, messageId, bus, retries } = factsOf(envelope);
  return [
    ['Id', id],
    ['Message', printableLine(shownMessageName(envelope.message))],
    ['Message id', messageId ?? '-'],
    ['Bus', bus ?? '-'],
    ['Retries', String(retries)],
    ['Stamps', stampNames(envelope)],
    ['Content', contentText(envelope, types)],
  ];
}

/** What is on an envelope besides the message. */
export function stampNames(envelope: Envelope): string {
  return envelope
    .all()
    .map((stamp) => stamp.constructor.name)
    .join(', ');
}

function factsOf(envelope: Envelope): {
  readonly id: string;
  readonly messageId: string | undefined;
  readonly bus: string | undefined;
  readonly retries: number;
} {
  return {
    id: envelope.last(TransportMessageIdStamp)?.id ?? '',
    messageId: envelope.last(MessageIdStamp)?.id,
    bus: envelope.last(BusNameStamp)?.busName,
    retries: envelope.last(RedeliveryStamp)?.retryCount ?? 0,
  };
}
