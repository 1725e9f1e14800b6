import type { Envelope } from '../envelope/envelope.js';
import type { Stamp } from '../envelope/stamp.js';

/** Handling a message has failed. Dispatched before anything is done about it, so that a listener may change what will be. */
export class WorkerMessageFailedEvent {
  #envelope: Envelope;

  constructor(
    envelope: Envelope,
    readonly transportName: string,
    readonly error: unknown,
    /** Whether the message will be tried again. A listener may set it. */
    public willRetry: boolean,
    /** Milliseconds until the next try. A listener may set it. */
    public retryDelay: number,
  ) {
    this.#envelope = envelope;
  }

  get envelope(): Envelope {
    return this.#envelope;
  }

  /** Adds stamps to the copy that is retried or kept in the failure transport. */
  addStamps(...stamps: readonly Stamp[]): void {
    this.#envelope = this.#envelope.with(...stamps);
  }
}
