import type { Envelope } from '../envelope/envelope.js';
import type { Serializer } from '../serializer/serializer.js';
import type { Receiver, Sender, SettleResult, Transport } from './transport.js';

/** Creates and upgrades what the transport needs in its broker. Idempotent. */
export interface Setupable {
  setup(): Promise<void>;
}

/** Can show what {@link Setupable.setup} does to a broker that has nothing of it, for those who do it by hand. */
export interface SetupScript {
  /** The statements in order, without a semicolon at their end. */
  setupSql(): Promise<readonly string[]> | readonly string[];
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
  /**
   * How long the message has been waiting that has been ready for the longest, in milliseconds by the broker's clock; 0 when
   * none is ready, `undefined` when the broker cannot tell. Time before it was due is not counted.
   */
  readonly oldestAge?: number;
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

/** Knows at once when messages it has handed out are no longer this process's, as when the connection ends that holds them. */
export interface LossAware {
  /** Calls `listener` when messages were lost, and tells it which; they are delivered again. Returns how to stop that. */
  onLost(listener: (isLost: (received: Envelope) => boolean) => void): () => void;
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
  /**
   * Calls `listener` as soon as a signal may have been given, while somebody waits for messages. Returns how to stop that. A
   * worker at rest then asks once a second only.
   */
  onSignal?(listener: () => void): () => void;
}

/** A worker as it has last described itself. */
export interface RollEntry {
  readonly id: string;
  /** What it says of itself. */
  readonly details: string;
  /** Milliseconds since it said so, by the clock of the store. */
  readonly age: number;
}

/**
 * The workers of the application. Each enters itself now and then, so one that has died is missing after a while. Kept for
 * people and for `stop-workers --wait`; nothing a worker does depends on it.
 */
export interface WorkerRoll {
  /** Equal for two rolls that have the same entries, and for no others: one of them is enough then. Holds no secret. */
  readonly place: string;
  /**
   * Enters a worker, or replaces what it said before.
   *
   * @param id printable ASCII without spaces.
   * @param ttl the entry ends by itself after this many milliseconds, by the clock of the store.
   * @throws TransportError when the store cannot be reached, or takes nothing at present.
   */
  enter(id: string, details: string, ttl: number): Promise<void>;
  /** Removes an entry, if there is one. @throws TransportError */
  leave(id: string): Promise<void>;
  /** All entries, in no order. @throws TransportError when the store cannot be reached. */
  entries(): Promise<readonly RollEntry[]>;
}

/** Keeps the roll of workers beside its messages. */
export interface RollKeeper {
  /** The same object each time. */
  readonly roll: WorkerRoll;
}

/** Can ask its broker whether it is there. */
export interface Pingable {
  /**
   * Resolves when the broker has answered. Cheap: it may be asked every few seconds.
   *
   * @throws TransportError when it has not, or lacks what the transport needs there.
   */
  ping(): Promise<void>;
}

/** Has a broker that may refuse to take messages although it answers. */
export interface Blockable {
  /** Why it takes none at present, such as `low on memory`; nothing while it does, or if it is not known. */
  readonly blockedReason: string | undefined;
}

/** Locks with an owner and an end, each under a key. */
export interface DeduplicationLocks {
  /**
   * Takes the lock for whoever has `token`, unless another has it. Whoever has it already keeps it for `ttl` from now. All
   * of that is one step: of those who ask for a lock at the same time, one gets it.
   *
   * @param key printable ASCII without spaces, 128 characters at most.
   * @param token unlike that of any other owner; printable ASCII, 64 characters at most.
   * @param ttl the lock ends by itself after this many milliseconds, by the clock of the store.
   * @returns whether `token` has the lock now.
   * @throws TransportError when the store cannot be reached; the lock may have been taken.
   */
  acquire(key: string, token: string, ttl: number): Promise<boolean>;

  /**
   * Ends the lock if `token` has it, and does nothing otherwise.
   *
   * @throws TransportError when the store cannot be reached.
   */
  release(key: string, token: string): Promise<void>;
}

/** Keeps the locks of `DeduplicateStamp`s for every process of the application. */
export interface DeduplicationStore {
  /** The locks of this queue; another queue of the same broker has its own. */
  readonly locks: DeduplicationLocks;
}

/** That one handler has handled one message. */
export interface InboxEntry {
  /** Printable ASCII, 200 characters at most. */
  readonly messageId: string;
  readonly handlerName: string;
}

/** Remembers which handlers have handled which messages. */
export interface Inbox {
  /**
   * Records it in a transaction. `false` if it was recorded before. Waits for the end of another transaction that has
   * recorded the same, and goes by how that ended.
   */
  record(transaction: object, entry: InboxEntry): Promise<boolean>;
  /**
   * Runs `work` in a transaction of the store's own: it is committed when `work` resolves, and rolled back when it rejects,
   * with whose error this rejects.
   */
  transaction<T>(work: (transaction: object) => Promise<T>): Promise<T>;
  /**
   * Runs `work`, which opens a transaction of the application on the store's database and records in it, at a time when the
   * store itself can let go of that database. For stores with one writer; others do without.
   */
  exclusively?<T>(work: () => Promise<T>): Promise<T>;
  /** Forgets some of what was recorded before a time, in epoch milliseconds: one small batch. Resolves with how many; 0: all are gone. */
  prune(before: number): Promise<number>;
}

/** Keeps an inbox beside its messages. */
export interface InboxStore {
  /** The same object each time. */
  readonly inbox: Inbox;
}

/** Stores messages in a transaction of the application: they exist if, and only if, it commits. */
export interface Transactional {
  /**
   * Stores every envelope by the transaction itself, and resolves as `send` does; durable they are once it commits. Calls
   * are never gathered, since each belongs to its own transaction.
   *
   * @param transaction what the application's driver or ORM hands out inside of a transaction.
   * @throws UnknownTransactionError for an object that is none; TransportError for one on another database.
   */
  sendIn(transaction: object, envelopes: readonly Envelope[]): Promise<readonly Envelope[]>;
}

/**
 * A queue of messages that are bound for another transport. `get` hands them out in the order in which they were stored,
 * and none at all while one that it has handed out is claimed: so one relay at a time forwards them, whatever becomes of the
 * others.
 */
export type OutboxQueue = Transport & Transactional;

/** Keeps messages that are bound for another transport until a relay forwards them. */
export interface OutboxStore {
  /**
   * The queue for `targetName`, beside the messages of this transport. Called when the application boots; what is returned
   * is closed like a transport.
   *
   * @param serializer that of the target: a message is kept as it will be sent.
   */
  outboxOf(targetName: string, serializer: Serializer): OutboxQueue;
}

type Endpoint = Sender | Receiver;

function has(endpoint: object, ...methods: readonly string[]): boolean {
  return methods.every((method) => typeof (endpoint as Record<string, unknown>)[method] === 'function');
}

export const isSetupable = <T extends Endpoint>(t: T): t is T & Setupable => has(t, 'setup');
export const hasSetupScript = <T extends Endpoint>(t: T): t is T & SetupScript => has(t, 'setupSql');
export const isCloseable = <T extends Endpoint>(t: T): t is T & Closeable => has(t, 'close');
export const isMessageCountAware = <T extends Endpoint>(t: T): t is T & MessageCountAware =>
  has(t, 'messageCount');
export const isListable = <T extends Endpoint>(t: T): t is T & Listable => has(t, 'all', 'find');
export const isClaimable = <T extends Endpoint>(t: T): t is T & Claimable => has(t, 'claim');
export const isQueueAware = <T extends Endpoint>(t: T): t is T & QueueAware => 'queueNames' in t;
export const isLocated = <T extends Endpoint>(t: T): t is T & Located => 'location' in t;
export const isKeepaliveAware = <T extends Endpoint>(t: T): t is T & KeepaliveAware => has(t, 'keepalive');
export const isLossAware = <T extends Endpoint>(t: T): t is T & LossAware => has(t, 'onLost');
export const isInboxStore = <T extends Endpoint>(t: T): t is T & InboxStore => 'inbox' in t;
export const isReleasable = <T extends Endpoint>(t: T): t is T & Releasable => has(t, 'release');
export const isPushed = <T extends Endpoint>(t: T): t is T & Pushed => 'isPushed' in t;
export const isRequeueable = <T extends Endpoint>(t: T): t is T & Requeueable =>
  has(t, 'canRequeueTo', 'requeue');
export const isSignalAware = <T extends Endpoint>(t: T): t is T & SignalAware =>
  has(t, 'writeSignal', 'readSignal');
export const isRollKeeper = <T extends Endpoint>(t: T): t is T & RollKeeper => 'roll' in t;
export const isPingable = <T extends Endpoint>(t: T): t is T & Pingable => has(t, 'ping');
export const isBlockable = <T extends Endpoint>(t: T): t is T & Blockable => 'blockedReason' in t;
export const isDeduplicationStore = <T extends Endpoint>(t: T): t is T & DeduplicationStore =>
  'locks' in t && has(Object(t.locks) as object, 'acquire', 'release');
export const isTransactional = <T extends Endpoint>(t: T): t is T & Transactional => has(t, 'sendIn');
export const isOutboxStore = <T extends Endpoint>(t: T): t is T & OutboxStore => has(t, 'outboxOf');
