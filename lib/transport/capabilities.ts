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

/** Can tell where its messages are. */
export interface Located {
  /** Equal for two transports that take each other's messages, and for no others. Holds no secret. */
  readonly location: string;
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

/**
 * Is pushed its messages, so that `get` returns what has arrived: fewer than asked for do not mean that there are no more. That
 * there are none, only an empty answer says.
 */
export interface Pushed {
  readonly isPushed: true;
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

/**
 * Keeps small signals for every process of the application, such as the one that stops its workers. A signal is the time
 * it was given, in epoch milliseconds by the store's clock.
 */
export interface SignalAware {
  /** Gives the signal now, replacing an earlier one. */
  writeSignal(name: string): Promise<void>;
  /** When the signal was last given. Asked about ten times a second, so it must be cheap. */
  readSignal(name: string): Promise<number | undefined>;
}

type Endpoint = Sender | Receiver;

function has(endpoint: Endpoint, ...methods: readonly string[]): boolean {
  return methods.every(
    (method) => typeof (endpoint as unknown as Record<string, unknown>)[method] === 'function',
  );
}

export const isSetupable = <T extends Endpoint>(t: T): t is T & Setupable => has(t, 'setup');
export const isCloseable = <T extends Endpoint>(t: T): t is T & Closeable => has(t, 'close');
export const isMessageCountAware = <T extends Endpoint>(t: T): t is T & MessageCountAware =>
  has(t, 'messageCount');
export const isListable = <T extends Endpoint>(t: T): t is T & Listable => has(t, 'all', 'find');
export const isClaimable = <T extends Endpoint>(t: T): t is T & Claimable => has(t, 'claim');
export const isQueueAware = <T extends Endpoint>(t: T): t is T & QueueAware => 'queueNames' in t;
export const isLocated = <T extends Endpoint>(t: T): t is T & Located => 'location' in t;
export const isKeepaliveAware = <T extends Endpoint>(t: T): t is T & KeepaliveAware => has(t, 'keepalive');
export const isReleasable = <T extends Endpoint>(t: T): t is T & Releasable => has(t, 'release');
export const isPushed = <T extends Endpoint>(t: T): t is T & Pushed => 'isPushed' in t;
export const isRequeueable = <T extends Endpoint>(t: T): t is T & Requeueable =>
  has(t, 'canRequeueTo', 'requeue');
export const isSignalAware = <T extends Endpoint>(t: T): t is T & SignalAware =>
  has(t, 'writeSignal', 'readSignal');
