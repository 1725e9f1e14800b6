import type { MessageBus } from '../../bus/message-bus.js';
import type { Envelope } from '../../envelope/envelope.js';
import { NotConsumableError } from '../../errors/not-consumable.error.js';
import { ReceivedStamp } from '../../stamp/received.stamp.js';
import type { Transactional } from '../../transport/capabilities.js';
import type { Transport } from '../../transport/transport.js';

/**
 * Stores nothing: what is sent here is handled at once, in this process, before `send` resolves. Handlers with
 * `fromTransport` see the messages as received from it. There are no retries, a `DelayStamp` has no effect, and what a
 * handler throws is thrown by the dispatch.
 */
export class SyncTransport implements Transport, Transactional {
  readonly #name: string;
  readonly #bus: () => MessageBus;

  /** @param bus dispatches on the bus a message names; asked for with the first message, since the buses need the transports. */
  constructor(name: string, bus: () => MessageBus) {
    this.#name = name;
    this.#bus = bus;
  }

  /** Handles the messages one after the other. If one fails, those after it are not handled. */
  async send(envelopes: readonly Envelope[]): Promise<readonly Envelope[]> {
    const received = new ReceivedStamp(this.#name);
    const handled: Envelope[] = [];
    for (const envelope of envelopes) {
      handled.push(await this.#bus().dispatch(envelope.with(received)));
    }
    return handled;
  }

  /**
   * As {@link send}: what is handled at once is a part of the work that dispatched it, like a message without a route, and
   * its handlers may write by the same transaction. What they do elsewhere is not undone with it.
   */
  sendIn(_transaction: object, envelopes: readonly Envelope[]): Promise<readonly Envelope[]> {
    return this.send(envelopes);
  }

  /** @throws NotConsumableError always. */
  get(): Promise<never> {
    return this.#refuse();
  }

  /** @throws NotConsumableError always. */
  ack(): Promise<never> {
    return this.#refuse();
  }

  /** @throws NotConsumableError always. */
  reject(): Promise<never> {
    return this.#refuse();
  }

  #refuse(): Promise<never> {
    return Promise.reject(
      new NotConsumableError(
        this.#name,
        'handles its messages when they are sent and stores none, so no worker can consume it; leave it out of the receivers',
      ),
    );
  }
}
