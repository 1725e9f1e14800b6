import type { Envelope } from '../envelope/envelope.js';
import { isThrown } from '../errors/is-thrown.js';
import { LeaseLostError } from '../errors/lease-lost.error.js';
import type { Delivery, LeaseState } from '../stamp/consumed-by-worker.stamp.js';
import type { ReceiverFeed } from './receiver-feed.js';

/** One message in the hands of a worker, from the moment it is started until it is settled. */
export class MessageDelivery implements Delivery {
  readonly startedAt = performance.now();
  /** Where it is among the {@link DeliveriesInHand}, which alone change it. */
  place = -1;
  readonly #onYield: (delivery: MessageDelivery) => void;
  readonly #leasedSince: number;
  #controller: AbortController | undefined;
  #abortReason: Error | undefined;
  #hasYielded = false;

  constructor(
    /** As the transport handed it out: what is settled in the end. */
    readonly received: Envelope,
    readonly feed: ReceiverFeed,
    onYield: (delivery: MessageDelivery) => void,
  ) {
    this.#onYield = onYield;
    this.#leasedSince = feed.lease.since;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortReason !== undefined) {
        this.#controller.abort(this.#abortReason);
      }
    }
    return this.#controller.signal;
  }

  get lease(): LeaseState {
    if (this.isLost) {
      return 'ended';
    }
    if (!this.feed.lease.mayHaveEndedOf(this.#leasedSince, this.startedAt)) {
      return 'held';
    }
    // Of a worker that has left it behind, nobody asks the transport any more.
    return this.#abortReason === undefined ? 'doubtful' : 'ended';
  }

  get hasYielded(): boolean {
    return this.#hasYielded;
  }

  yieldSlot(): void {
    if (!this.#hasYielded) {
      this.#hasYielded = true;
      this.#onYield(this);
    }
  }

  /** Whether the message is not this worker's any more: its transport has delivered it again, or will. */
  get isLost(): boolean {
    return isThrown(this.#abortReason, LeaseLostError);
  }

  /** Tells the handler, if it listens, that its work is no longer wanted. */
  abort(reason: Error): void {
    this.#abortReason ??= reason;
    this.#controller?.abort(reason);
  }
}
