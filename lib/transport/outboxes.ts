import type { OutboxQueue } from './capabilities.js';

/** The outbox of one transport. */
export interface Outbox {
  /** The transport its messages are bound for. */
  readonly targetName: string;
  /** The transport that keeps it. */
  readonly storeName: string;
  readonly queue: OutboxQueue;
}

/** The outboxes of an application, by the transport whose messages they keep. */
export class Outboxes {
  readonly #byTarget: ReadonlyMap<string, Outbox>;

  constructor(outboxes: readonly Outbox[] = []) {
    this.#byTarget = new Map(outboxes.map((outbox) => [outbox.targetName, outbox]));
  }

  /** The outbox of a transport, if it has one. */
  of(targetName: string): Outbox | undefined {
    return this.#byTarget.get(targetName);
  }

  /** All of them, in the order of the configuration. */
  all(): readonly Outbox[] {
    return [...this.#byTarget.values()];
  }

  /** Those that a worker serves which consumes these transports: the outboxes of them, and those that they keep. */
  servedBy(receivers: readonly string[]): readonly Outbox[] {
    return this.all().filter(
      ({ targetName, storeName }) => receivers.includes(targetName) || receivers.includes(storeName),
    );
  }
}
