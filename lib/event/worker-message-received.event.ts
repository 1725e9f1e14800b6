import type { Envelope } from '../envelope/envelope.js';
import type { Stamp } from '../envelope/stamp.js';

/** A worker is about to handle a message. */
export class WorkerMessageReceivedEvent {
  #envelope: Envelope;
  #isSkipped = false;

  constructor(
    envelope: Envelope,
    readonly transportName: string,
  ) {
    this.#envelope = envelope;
  }

  get envelope(): Envelope {
    return this.#envelope;
  }

  /** Whether a listener has asked not to handle the message. */
  get isSkipped(): boolean {
    return this.#isSkipped;
  }

  /** Adds stamps that middleware and handlers will see. */
  addStamps(...stamps: readonly Stamp[]): void {
    this.#envelope = this.#envelope.with(...stamps);
  }

  /** Does not handle the message: it is given back to its transport as it came, for another consumer or a later time. */
  skip(): void {
    this.#isSkipped = true;
  }
}
