import { createHash } from 'node:crypto';
import type { Envelope } from '../envelope/envelope.js';
import { MessageIdStamp } from '../stamp/message-id.stamp.js';
import { ReceivedStamp } from '../stamp/received.stamp.js';
import { TransportMessageIdStamp } from '../stamp/transport-message-id.stamp.js';

/** What every store can keep as it is, and compares as it is: printable ASCII of moderate length. */
const PLAIN = /^[\x21-\x7e]{1,200}$/;

/**
 * Under which name an inbox remembers a message: its `MessageIdStamp`, which it keeps for life; else the id that the transport
 * gave it, which is the same when it is delivered again, and a new one when it is sent again. Nothing if it has neither: an id
 * that another message may have as well would keep that one from being handled.
 */
export function messageKeyOf(envelope: Envelope): string | undefined {
  const id = envelope.last(MessageIdStamp)?.id;
  if (id !== undefined) {
    return storable(id);
  }
  const transport = envelope.last(ReceivedStamp)?.transportName;
  const given = envelope.last(TransportMessageIdStamp);
  return transport === undefined || given?.isUnique !== true
    ? undefined
    : storable(`transport:${transport}:${given.id}`);
}

/** Ids come from anywhere: one that is long, empty or of other characters is remembered by its hash. */
function storable(id: string): string {
  return PLAIN.test(id) ? id : `sha256:${createHash('sha256').update(id).digest('hex')}`;
}
