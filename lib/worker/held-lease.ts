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

  constructor(receiver: Receiver) {
    this.#duration = isKeepaliveAware(receiver) ? receiver.leaseDuration : Number.POSITIVE_INFINITY;
  }

  /** Since when what is held has been leased at the earliest. */
  get since(): number {
    return this.#since;
  }

  /** Whether nothing that is held may be begun before its transport has said that it is still here. */
  get mayHaveEnded(): boolean {
    return this.mayHaveEndedOf(this.#since);
  }

  /** The same of a message that was taken from what is held, and is in hand. @param since when it was leased */
  mayHaveEndedOf(since: number): boolean {
    return performance.now() - Math.max(since, this.#prolongedAt) >= this.#duration;
  }

  /**
   * Messages have arrived.
   *
   * @param at since when they are leased at the earliest.
   * @param isFirst whether nothing else is held.
   */
  began(at: number, isFirst: boolean): void {
    this.#since = isFirst ? at : Math.min(this.#since, at);
  }

  /** The transport was asked at that time to prolong all that is held or in hand. What has arrived meanwhile was leased later. */
  prolonged(at: number): void {
    this.#since = at;
    this.#prolongedAt = at;
  }
}
