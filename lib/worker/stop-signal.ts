import { isSignalAware, type SignalAware } from '../transport/capabilities.js';
import type { TransportRegistry } from '../transport/transport-registry.js';

const NAME = 'stop-workers';

/**
 * The request that every worker of the application stops. It is kept in each configured transport that can keep signals, and
 * each worker looks into all of them, whichever it consumes.
 */
export class StopSignal {
  readonly #stores: readonly SignalAware[];

  constructor(transports: TransportRegistry) {
    this.#stores = transports
      .names()
      .map((name) => transports.get(name))
      .filter(isSignalAware);
  }

  /** Whether there is a transport that can keep the request. */
  get isAvailable(): boolean {
    return this.#stores.length > 0;
  }

  /** Asks every worker that runs now to stop. Rejects if a transport could not take the request. */
  async request(): Promise<void> {
    await Promise.all(this.#stores.map((store) => store.writeSignal(NAME)));
  }

  /** When the request was last made, in epoch milliseconds; a transport out of reach is left out. */
  async requestedAt(): Promise<number | undefined> {
    const answers = await Promise.allSettled(this.#stores.map(async (store) => store.readSignal(NAME)));
    const times = answers.flatMap((answer) =>
      answer.status === 'fulfilled' && answer.value !== undefined ? [answer.value] : [],
    );
    return times.length === 0 ? undefined : Math.max(...times);
  }
}
