import { AmqpFetch } from './amqp.fetch.js';
import type { AmqpDelivery } from './amqp.stamps.js';
import type { AmqpSubscription } from './amqp.subscription.js';

/** Who hears of what happens to {@link AmqpFetches}. */
export interface AmqpFetchesListener {
  /** The time of a fetch is over. It is for the listener to end it, once it is known that there is nothing. */
  readonly onDue: (fetch: AmqpFetch) => void;
  /** A fetch has an outcome, or found one at once. */
  readonly onEnd: () => void;
}

/** The fetches that wait, in the order in which they came, and how many messages they want. */
export class AmqpFetches {
  readonly #listener: AmqpFetchesListener;
  #waiting: readonly AmqpFetch[] = [];
  #shortfall = 0;

  constructor(listener: AmqpFetchesListener) {
    this.#listener = listener;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Messages wanted beyond those that were handed out. Of a fetch that got fewer than it wanted, the rest. */
  get asked(): number {
    return this.#waiting.reduce((sum, { max }) => sum + max, this.#shortfall);
  }

  /** Those whose time is over. */
  get due(): readonly AmqpFetch[] {
    return this.#waiting.filter(({ isDue }) => isDue);
  }

  has(fetch: AmqpFetch): boolean {
    return this.#waiting.includes(fetch);
  }

  /** @returns what it gets, as soon as there is an outcome. */
  add(max: number, wait: number, signal: AbortSignal | undefined): Promise<readonly AmqpDelivery[]> {
    const { onDue, onEnd } = this.#listener;
    const fetch = new AmqpFetch({
      max,
      wait,
      signal,
      onDue,
      onEnd: (ended) => {
        this.#waiting = this.#waiting.filter((each) => each !== ended);
        onEnd();
      },
    });
    this.#shortfall = 0;
    this.#waiting = [...this.#waiting, fetch];
    return fetch.outcome;
  }

  /** Up to `max` messages of those that have arrived, for a fetch that need not wait. */
  take(subscription: AmqpSubscription, max: number): readonly AmqpDelivery[] {
    const taken = subscription.take(max);
    this.#shortfall = max - taken.length;
    this.#listener.onEnd();
    return taken;
  }

  /** Hands out what has arrived, to the first first. */
  serve(subscription: AmqpSubscription): void {
    for (const fetch of this.#waiting) {
      if (subscription.buffered === 0) {
        return;
      }
      fetch.end(this.take(subscription, fetch.max));
    }
  }

  /** Ends all with nothing. */
  endAll(): void {
    this.#waiting.forEach((fetch) => fetch.end([]));
  }

  failAll(error: unknown): void {
    this.#waiting.forEach((fetch) => fetch.fail(error));
  }
}
