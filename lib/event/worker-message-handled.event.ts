import type { Envelope } from '../envelope/envelope.js';

/** Every handler of a message has succeeded; it is acknowledged next. The envelope carries the `HandledStamp`s. */
export class WorkerMessageHandledEvent {
  constructor(
    readonly envelope: Envelope,
    readonly transportName: string,
    /** Milliseconds from the start of the dispatch to its end. */
    readonly duration: number,
    /** The idempotent handlers that were not called, since they had handled the message on an earlier delivery. */
    readonly skippedHandlers: readonly string[] = [],
  ) {}
}
