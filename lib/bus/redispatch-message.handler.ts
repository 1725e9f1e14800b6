import type { Envelope } from '../envelope/envelope.js';
import type { RedispatchMessage } from '../message/redispatch.message.js';
import { TransportNamesStamp } from '../stamp/transport-names.stamp.js';
import type { MessageBus } from './message-bus.js';

/** Handles {@link RedispatchMessage}. */
export class RedispatchMessageHandler {
  readonly #bus: MessageBus;

  constructor(bus: MessageBus) {
    this.#bus = bus;
  }

  handle({ message, transportNames }: RedispatchMessage): Promise<Envelope> {
    return this.#bus.dispatch(
      message,
      transportNames.length === 0 ? [] : [new TransportNamesStamp(transportNames)],
    );
  }
}
