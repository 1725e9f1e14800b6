import { NonSendableStamp } from '../envelope/stamp.js';

/**
 * How it stands with the lease of a message: `held`; `ended`, so that another worker may have the message, or will; `doubtful` until
 * its transport has answered, since the process was stopped for longer than the lease.
 */
export type LeaseState = 'held' | 'doubtful' | 'ended';

/** What a worker tells the middleware and handlers about the delivery they are working on. */
export interface Delivery {
  /** Aborts when the lease is lost, the grace period of a stop has passed, or the worker is killed softly. Created on first use. */
  readonly signal: AbortSignal;
  /** What has to be `held` when work begins for a message that has waited. @default 'held' */
  readonly lease?: LeaseState;
  /**
   * Tells the worker that this message now waits in a batch: its slot is free for the next message, and the
   * message is settled when the dispatch returns. Calling it more than once does nothing.
   */
  yieldSlot(): void;
}

/**
 * Marks an envelope that a worker is dispatching. `sync://` and in-process handling do not add it, so a
 * middleware can tell the two apart.
 */
export class ConsumedByWorkerStamp extends NonSendableStamp {
  constructor(readonly delivery?: Delivery) {
    super();
  }
}
