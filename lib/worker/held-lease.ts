import { isKeepaliveAware } from '../transport/capabilities.js';
import type { Receiver } from '../transport/transport.js';

/**
 * How long the messages that a feed holds have been leased without a sign of life. If the event loop stood still, or the process was
 * stopped, for longer than the lease, another worker may have them. Times are those of `performance.now()`.
 */
export class HeldLease {
  readonly #duration: number;
  #since = performance.now();
  #prolongedAt = Number.NEGATIVE_INFINITY;
  /** The same as `#since` for what has arrived since the transport was last asked to prolong, and so was not asked about. */
  #newSince = Number.POSITIVE_INFINITY;

  constructor(receiver: Receiver) {
    this.#duration = isKeepaliveAware(receiver) ? receiver.leaseDuration : Number.POSITIVE_INFINITY;
  }

  /** Since when what is held has been leased at the earliest. */
  get since(): number {
    return this.#since;
  }

  /** Whether nothing that is held may be begun before its transport has said that it is still here. */
  get mayHaveEnded(): boolean {
    return this.#isOver(this.#since);
  }

  /**
   * The same of a message that was taken from what is held, and is in hand.
   *
   * @param since when it was leased.
   * @param takenAt when it was taken. A prolongation that was asked for before may not have been for it.
   */
  mayHaveEndedOf(since: number, takenAt: number): boolean {
    return this.#isOver(this.#prolongedAt >= takenAt ? this.#prolongedAt : since);
  }

  /**
   * Messages have arrived.
   *
   * @param at since when they are leased at the earliest.
   * @param isFirst whether nothing else is held.
   */
  began(at: number, isFirst: boolean): void {
    this.#since = isFirst ? at : Math.min(this.#since, at);
    this.#newSince = Math.min(this.#newSince, at);
  }

  /** The transport is asked now to prolong all that is held or in hand. */
  asked(): void {
    this.#newSince = Number.POSITIVE_INFINITY;
  }

  /**
   * The transport has prolonged what it was asked for.
   *
   * @param at when it was asked. What has arrived since may have been leased before, and have waited to be read.
   */
  prolonged(at: number): void {
    this.#since = Math.min(at, this.#newSince);
    this.#prolongedAt = at;
  }

  #isOver(since: number): boolean {
    return performance.now() - since >= this.#duration;
  }
}
