import { UnknownBusError } from '../errors/unknown-bus.error.js';
import type { MessageBus } from './message-bus.js';

/** The buses of an application by name, and the one that is used when none is named. */
export class BusRegistry {
  readonly #buses: ReadonlyMap<string, MessageBus>;
  readonly #defaultName: string;

  constructor(buses: readonly MessageBus[], defaultName: string) {
    this.#buses = new Map(buses.map((bus) => [bus.name, bus]));
    this.#defaultName = defaultName;
  }

  get default(): MessageBus {
    return this.get(this.#defaultName);
  }

  /** @throws UnknownBusError with the known names. */
  get(name: string): MessageBus {
    const bus = this.#buses.get(name);
    if (bus === undefined) {
      throw new UnknownBusError(name, this.names());
    }
    return bus;
  }

  names(): readonly string[] {
    return [...this.#buses.keys()];
  }
}
