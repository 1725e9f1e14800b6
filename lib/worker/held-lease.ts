import { isKeepaliveAware } from '../transport/capabilities.js';
import type { Receiver } from '../transport/transport.js';

/**
 * How long the messages that a feed holds have been leased without a sign of life. If the event loop stood still, or the process was
 * stopped, for longer than the lease, another worker may have them. Times are those of `performance.now()`.
 */
export class HeldLease {
  readonly #duration: number;
  #since = 0;

  constructor(receiver: Receiver) {
    this.#duration = isKeepaliveAware(receiver) ? receiver.leaseDuration : Number.POSITIVE_INFINITY;
  }

  /** Whether nothing that is held may be begun before its transport has said that it is still here. */
  get mayHaveEnded(): boolean {
    return performance.now() - this.#since >= this.#duration;
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

  /** The transport was asked at that time to prolong all that is held. What has arrived meanwhile was leased later. */
  prolonged(at: number): void {
    this.#since = at;
  }
}
