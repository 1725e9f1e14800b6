import { Envelope } from '../envelope/envelope.js';
import type { Stamp } from '../envelope/stamp.js';
import { BusNameStamp } from '../stamp/bus-name.stamp.js';
import type { BusRegistry } from './bus-registry.js';
import { MessageBus } from './message-bus.js';

/**
 * Hands each message to the bus named in its `BusNameStamp`, or to the default bus if it has none, as messages of
 * foreign producers do. Workers use it.
 */
export class RoutableMessageBus extends MessageBus {
  readonly name = 'routable';
  readonly #buses: BusRegistry;

  constructor(buses: BusRegistry) {
    super();
    this.#buses = buses;
  }

  /** @throws UnknownBusError when the message names a bus that this application does not have. */
  dispatch<T extends object>(message: T | Envelope<T>, stamps?: readonly Stamp[]): Promise<Envelope<T>> {
    let bus: MessageBus;
    const envelope = Envelope.wrap(message, stamps);
    try {
      bus = this.#busOf(envelope);
    } catch (error) {
      return Promise.reject(error);
    }
    return bus.dispatch(envelope);
  }

  dispatchAll<T extends object>(
    messages: ReadonlyArray<T | Envelope<T>>,
    stamps?: readonly Stamp[],
  ): Promise<ReadonlyArray<Envelope<T>>> {
    return this.#buses.default.dispatchAll(messages, stamps);
  }

  async execute<R>(message: object, stamps?: readonly Stamp[]): Promise<R> {
    const envelope = Envelope.wrap(message, stamps);
    return this.#busOf(envelope).execute<R>(envelope);
  }

  #busOf(envelope: Envelope): MessageBus {
    const name = envelope.last(BusNameStamp)?.busName;
    return name === undefined ? this.#buses.default : this.#buses.get(name);
  }
}
