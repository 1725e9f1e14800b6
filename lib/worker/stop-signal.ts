import { isSignalAware, type SignalAware } from '../transport/capabilities.js';
import type { TransportRegistry } from '../transport/transport-registry.js';

const NAME = 'stop-workers';

/** A worker looks into the transports it does not consume once in so many looks. */
const FAR_EVERY = 10;

/**
 * The request that every worker of the application stops. It is kept in each configured transport that can keep signals. A
 * worker looks into those it consumes each time, and into the others now and then, should its own be out of reach.
 */
export class StopSignal {
  readonly #near: readonly SignalAware[];
  readonly #all: readonly SignalAware[];
  #looks = 0;
  #requestedAt: number | undefined;

  /** @param consumed the transports of the worker; all of them if left out. */
  constructor(transports: TransportRegistry, consumed: readonly string[] = transports.names()) {
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

  /** Asks every worker that runs now to stop. Rejects if a transport could not take the request. */
  async request(): Promise<void> {
    await Promise.all(this.#all.map((store) => store.writeSignal(NAME)));
  }

  /** When the request was last made, in epoch milliseconds; a transport out of reach is left out. */
  async requestedAt(): Promise<number | undefined> {
    const stores = this.#looks++ % FAR_EVERY === 0 ? this.#all : this.#near;
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
