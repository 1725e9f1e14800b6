import type { Envelope } from '../envelope/envelope.js';

/** The copy of a failed message has been stored for another try. */
export class WorkerMessageRetriedEvent {
  constructor(
    readonly envelope: Envelope,
    readonly transportName: string,
    /** Milliseconds until the next try. */
    readonly delay: number,
  ) {}
}
