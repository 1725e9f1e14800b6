import type { Envelope } from '../envelope/envelope.js';

/** Hands the envelope to the rest of the chain. Call it once, or not at all to end the chain here. */
export type Next = (envelope: Envelope) => Promise<Envelope>;

/**
 * A step that every message of a bus goes through: when it is dispatched, and again when a worker has received it
 * (`envelope.has(ReceivedStamp)` tells the two apart). Code before `next` runs on the way in, code after it on the way out.
 *
 * One instance serves all messages of a bus at the same time, so keep what belongs to a message in local variables.
 */
export interface Middleware {
  /** @returns what `next` resolved with, or an envelope of its own if it ends the chain. */
  handle(envelope: Envelope, next: Next): Promise<Envelope>;
}
