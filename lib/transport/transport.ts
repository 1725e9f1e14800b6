import type { Envelope } from '../envelope/envelope.js';

/** How {@link Receiver.get} may fetch. */
export interface GetOptions {
  /** The most envelopes to return; at least 1. @default 1 */
  readonly max?: number;
  /** How long to wait for a message when there is none, in milliseconds; 0 answers at once. @default 0 */
  readonly wait?: number;
  /** Ends a wait at once. Messages already claimed are still returned; no claim is made after it fired. */
  readonly signal?: AbortSignal;
  /** Only these queues of a transport that has several, see `QueueAware`. */
  readonly queues?: readonly string[];
}

/** Stores messages. */
export interface Sender {
  /**
   * Stores every envelope and resolves once the store has durably accepted all of them, in the order given, each
   * with what the transport knows of it (`TransportMessageIdStamp`). Rejects if it cannot vouch for every one.
   * Sends in flight at the same time may share a command; each call still settles by its own confirmation.
   * A `DelayStamp` holds the message back.
   *
   * @throws TransportError with the driver's error as `cause`.
   */
  send(envelopes: readonly Envelope[]): Promise<readonly Envelope[]>;
}

/** Hands out stored messages, each to one consumer at a time. Called by the worker only. */
export interface Receiver {
  /**
   * Claims up to `max` messages that are due, in order. A message that cannot be decoded is returned as an
   * `UndecodableMessage`, never thrown and never dropped. Resolves with nothing when there is nothing.
   *
   * @throws TransportError when the store cannot be reached; the worker waits and asks again.
   */
  get(options?: GetOptions): Promise<readonly Envelope[]>;

  /** Settles envelopes returned by {@link get} as done. One that is no longer ours is reported as in {@link SettleResult}. */
  ack(envelopes: readonly Envelope[]): Promise<SettleResult>;

  /** Settles envelopes returned by {@link get} as given up: they are removed, after their copy was stored elsewhere. */
  reject(envelopes: readonly Envelope[]): Promise<SettleResult>;
}

/**
 * What became of a settlement. A message whose lease was lost is somebody else's by now: that is reported, not thrown.
 * `void` means that the transport settled every one of them, or cannot tell.
 */
export type SettleResult = { readonly lost: readonly Envelope[] } | void;

/** A named place where messages are stored until a worker receives them. */
export interface Transport extends Sender, Receiver {}
