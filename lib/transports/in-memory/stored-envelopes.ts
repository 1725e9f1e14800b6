import type { Envelope } from '../../envelope/envelope.js';
import type { Stamp } from '../../envelope/stamp.js';
import { RedeliveredStamp } from '../../stamp/redelivered.stamp.js';
import { TransportMessageIdStamp } from '../../stamp/transport-message-id.stamp.js';
import { InMemoryReceivedStamp } from './in-memory.stamps.js';
import type { StoredMessageReader } from './message-storage.js';
import type { Lease, StoredMessage } from './message-store.js';

/** What the transport keeps. */
export type Stored = StoredMessage<StoredMessageReader>;

/** A stored message, read anew. */
export function read({ id, content }: Pick<Stored, 'id' | 'content'>): Envelope {
  return content().with(new TransportMessageIdStamp(id));
}

/** A claimed message as it is handed out. */
export function deliver({ id, content, deliveries, lease }: Stored & { readonly lease: Lease }): Envelope {
  const stamps: Stamp[] = [new TransportMessageIdStamp(id), new InMemoryReceivedStamp(id, lease.claim)];
  return content().with(...stamps, ...(deliveries > 1 ? [new RedeliveredStamp(deliveries)] : []));
}
