import { isSignalAware, type SignalAware } from '../transport/capabilities.js';
import type { TransportRegistry } from '../transport/transport-registry.js';

const NAME = 'stop-workers';

/** A worker looks into the transports it does not consume no more often than this, in milliseconds. */
const FAR_EVERY_MS = 950;

/**
 * The request that every worker of the application stops. It is kept in each configured transport that can keep signals. A
 * worker looks into those it consumes each time, and into the others now and then, should its own be out of reach.
 */
export class StopSignal {
  readonly #near: readonly SignalAware[];
  readonly #all: readonly SignalAware[];
  readonly #now: () => number;
  #lookedFarAt = Number.NEGATIVE_INFINITY;
  #requestedAt: number | undefined;

  /**
   * @param consumed the transports of the worker; all of them if left out.
   * @param now milliseconds that only grow.
   */
  constructor(
    transports: TransportRegistry,
    consumed: readonly string[] = transports.names(),
    now: () => number = () => performance.now(),
  ) {
    this.#now = now;
    const storesOf = (names: readonly string[]): readonly SignalAware[] =>
      names.map((name) => transports.get(name)).filter(isSignalAware);
    this.#all = storesOf(transports.names());
    const near = storesOf(consumed);
    this.#near = near.length > 0 ? near : this.#all;
  }

  /** Whether there is a transport that can keep the request. */
  get isAvailable(): boolean {
    return this.#all.length > 0;
  }

  /** Whether a worker that waits for messages hears of a request without asking for it. */
  get isPushed(): boolean {
    return this.#near.length > 0 && this.#near.every((store) => 'onSignal' in store);
  }

  /** Calls `listener` when it is worth asking. Returns how to stop that. */
  onHint(listener: () => void): () => void {
    const stops = this.#near.map((store) => store.onSignal?.(listener));
    return () => stops.forEach((stop) => stop?.());
  }

  /** Asks every worker that runs now to stop. Rejects if a transport could not take the request. */
  async request(): Promise<void> {
    await Promise.all(this.#all.map((store) => store.writeSignal(NAME)));
  }

  /** When the request was last made, in epoch milliseconds; a transport out of reach is left out. */
  async requestedAt(): Promise<number | undefined> {
    const now = this.#now();
    const isFar = now - this.#lookedFarAt >= FAR_EVERY_MS;
    this.#lookedFarAt = isFar ? now : this.#lookedFarAt;
    const stores = isFar ? this.#all : this.#near;
    // A worker at rest does this more often than anything else.
    await (stores.length === 1 ? this.#ask(stores[0]) : Promise.all(stores.map((store) => this.#ask(store))));
    return this.#requestedAt;
  }

  /** Never rejects. */
  async #ask(store: SignalAware | undefined): Promise<void> {
    try {
      const at = await store?.readSignal(NAME);
      if (at !== undefined) {
        this.#requestedAt = Math.max(this.#requestedAt ?? at, at);
      }
    } catch {
      // Out of reach: the others know of the request, too.
    }
  }
}
