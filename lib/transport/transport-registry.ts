import { UnknownTransportError } from '../errors/unknown-transport.error.js';
import type { Transport } from './transport.js';

/** The transports of an application by name, in the order of its configuration. */
export class TransportRegistry {
  readonly #transports: ReadonlyMap<string, Transport>;

  constructor(transports: ReadonlyMap<string, Transport>) {
    this.#transports = transports;
  }

  /** @throws UnknownTransportError with the known names. */
  get(name: string): Transport {
    const transport = this.#transports.get(name);
    if (transport === undefined) {
      throw new UnknownTransportError(name, this.names());
    }
    return transport;
  }

  has(name: string): boolean {
    return this.#transports.has(name);
  }

  names(): readonly string[] {
    return [...this.#transports.keys()];
  }
}
