import type { Envelope } from '../envelope/envelope.js';
import type { Receiver, Sender, SettleResult } from './transport.js';

/** Creates and upgrades what the transport needs in its broker. Idempotent. */
export interface Setupable {
  setup(): Promise<void>;
}

/** Releases connections, watchers and timers. Idempotent; nothing else is called afterwards. */
export interface Closeable {
  close(): Promise<void>;
}

/** How many messages a transport holds, by state. */
export interface MessageCounts {
  /** Due now and not claimed. */
  readonly ready: number;
  /** Claimed by a consumer and not settled; `undefined` when the broker cannot tell. */
  readonly inFlight?: number;
  /** Held back by a delay; `undefined` when the broker cannot tell. */
  readonly delayed?: number;
}

/** Counts its messages. */
export interface MessageCountAware {
  messageCount(): Promise<MessageCounts>;
}

/** Shows its messages without claiming them. The envelopes carry a `TransportMessageIdStamp`. */
export interface Listable {
  /** The oldest `limit` messages, delayed and claimed ones included. */
  all(limit?: number): AsyncIterable<Envelope>;
  find(id: string): Promise<Envelope | undefined>;
}

/** Claims one message by its id, as `get` would, whether it is due or not. */
export interface Claimable {
  /** Resolves with nothing if there is no such message or another consumer holds it. */
  claim(id: string): Promise<Envelope | undefined>;
}

/** Consists of several queues of which a worker may choose some with `--queues`. */
export interface QueueAware {
  readonly queueNames: readonly string[];
}

/** Leases messages for a time, and can prolong the lease while a handler runs. */
export interface KeepaliveAware {
  /** How long a claim lasts without a sign of life, in milliseconds. */
  readonly leaseDuration: number;
  /** Prolongs the leases by {@link leaseDuration} from now. Resolves with the envelopes whose lease is lost. */
  keepalive(envelopes: readonly Envelope[]): Promise<readonly Envelope[]>;
}

/** Can hand back messages that were claimed but not started. */
export interface Releasable {
  /** Makes the messages available to any consumer again, in their old order, after `delay` milliseconds (default 0). */
  release(envelopes: readonly Envelope[], options?: { readonly delay?: number }): Promise<SettleResult>;
}

/** One received message and the copy that takes its place. */
export interface RequeueItem {
  readonly received: Envelope;
  readonly copy: Envelope;
  /** Where the copy is stored; one that `canRequeueTo` has accepted. */
  readonly to: Sender;
}

/** Settles a message and stores its copy in one atomic step, so that a crash can neither lose nor double it. */
export interface Requeueable {
  /** Whether a copy bound for `target` can be stored in the same step. A transport accepts at least itself. */
  canRequeueTo(target: Sender): boolean;
  requeue(items: readonly RequeueItem[]): Promise<SettleResult>;
}

type Transportish = Sender | Receiver;

const has = (transport: Transportish, ...methods: readonly string[]): boolean =>
  methods.every((method) => typeof (transport as unknown as Record<string, unknown>)[method] === 'function');

export const isSetupable = (t: Transportish): t is Transportish & Setupable => has(t, 'setup');
export const isCloseable = (t: Transportish): t is Transportish & Closeable => has(t, 'close');
export const isMessageCountAware = (t: Transportish): t is Transportish & MessageCountAware =>
  has(t, 'messageCount');
export const isListable = (t: Transportish): t is Transportish & Listable => has(t, 'all', 'find');
export const isClaimable = (t: Transportish): t is Transportish & Claimable => has(t, 'claim');
export const isQueueAware = (t: Transportish): t is Transportish & QueueAware => 'queueNames' in t;
export const isKeepaliveAware = (t: Transportish): t is Transportish & KeepaliveAware => has(t, 'keepalive');
export const isReleasable = (t: Transportish): t is Transportish & Releasable => has(t, 'release');
export const isRequeueable = (t: Transportish): t is Transportish & Requeueable =>
  has(t, 'canRequeueTo', 'requeue');
export const isReceiver = (t: Transportish): t is Transportish & Receiver => has(t, 'get', 'ack', 'reject');
