import type { AmqpLoad } from './amqp.subscription.js';

/** For how long a worker must ask for clearly less before it gets less, in milliseconds. */
const SHRINK_AFTER_MS = 1000;

/** The protocol's limit. */
const MAX_PREFETCH = 65_535;

/** What is to be done about how many messages are pushed: new consumers with so many, or `less`: everything anew. */
export type PrefetchChange = { readonly prefetch: number } | 'less' | undefined;

/**
 * How many messages the broker may push ahead, so that a worker finds what it asks for and no more is kept from others: as
 * many as the worker has in its hands and asks for. To change it costs three round trips, so it is done only for a good reason.
 */
export class AmqpPrefetch {
  readonly #fixed: number | undefined;
  readonly #now: () => number;
  #since = Number.NEGATIVE_INFINITY;
  #peak = 0;
  #peakBefore: number | undefined;

  /**
   * @param fixed always this many; `undefined`: as many as are asked for.
   * @param now milliseconds that only go up.
   */
  constructor(fixed: number | undefined, now: () => number = () => performance.now()) {
    this.#fixed = fixed;
    this.#now = now;
  }

  /** With how many to begin when `asked` are wanted. */
  initial(asked: number): number {
    this.#forget();
    return this.#fixed ?? limited(asked);
  }

  /**
   * Whether to change it.
   *
   * @param asked how many messages are wanted beyond those that were handed out.
   * @param isAwaited whether a fetch waits for them.
   */
  change(load: AmqpLoad, asked: number, isAwaited: boolean): PrefetchChange {
    if (this.#fixed !== undefined) {
      return undefined;
    }
    const desired = load.held + asked;
    const capacity = load.prefetch + load.older;
    this.#observe(desired);
    const isStuck = isAwaited && load.buffered === 0 && load.room < 1;
    if (isStuck || desired >= capacity * 1.5) {
      this.#forget();
      // Those that the former consumers have pushed do not count for the new ones. If they are being settled, that levels out
      // by itself; otherwise room for what is missing is enough.
      return { prefetch: limited(load.isSettling ? desired : asked - load.buffered) };
    }
    const peak = Math.max(this.#peak, this.#peakBefore ?? Number.POSITIVE_INFINITY);
    return peak <= capacity / 2 ? 'less' : undefined;
  }

  #observe(desired: number): void {
    const now = this.#now();
    if (now - this.#since >= SHRINK_AFTER_MS) {
      this.#peakBefore = this.#since === Number.NEGATIVE_INFINITY ? undefined : this.#peak;
      this.#peak = desired;
      this.#since = now;
    } else {
      this.#peak = Math.max(this.#peak, desired);
    }
  }

  #forget(): void {
    this.#since = Number.NEGATIVE_INFINITY;
    this.#peak = 0;
    this.#peakBefore = undefined;
  }
}

function limited(prefetch: number): number {
  return Math.min(Math.max(prefetch, 1), MAX_PREFETCH);
}
