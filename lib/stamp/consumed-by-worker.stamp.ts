import { NonSendableStamp } from '../envelope/stamp.js';

/** What a worker tells the middleware and handlers about the delivery they are working on. */
export interface Delivery {
  /** Aborts when the lease is lost, the grace period of a stop has passed, or the worker is killed softly. Created on first use. */
  readonly signal: AbortSignal;
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
