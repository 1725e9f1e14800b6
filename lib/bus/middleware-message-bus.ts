import { Envelope } from '../envelope/envelope.js';
import type { Stamp } from '../envelope/stamp.js';
import { InvalidMessageError } from '../errors/invalid-message.error.js';
import type { Next } from '../middleware/middleware.js';
import type { TransportSender } from '../routing/transport-sender.js';
import { dispatchTogether } from './dispatch-together.js';
import { executeOnce } from './execute-once.js';
import { MessageBus } from './message-bus.js';

/** A bus that sends each message through one composed chain of middleware. */
export class MiddlewareMessageBus extends MessageBus {
  readonly name: string;
  readonly #chain: Next;
  readonly #sender: TransportSender;

  /** @param chain the composed middleware, see `compose`. */
  constructor(name: string, chain: Next, sender: TransportSender) {
    super();
    this.name = name;
    this.#chain = chain;
    this.#sender = sender;
  }

  dispatch<T extends object>(message: T | Envelope<T>, stamps?: readonly Stamp[]): Promise<Envelope<T>> {
    if (typeof message !== 'object' || message === null) {
      return Promise.reject(new InvalidMessageError(message));
    }
    try {
      return this.#chain(Envelope.wrap(message, stamps)) as Promise<Envelope<T>>;
    } catch (error) {
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- passes on what a message's own code threw.
      return Promise.reject(error);
    }
  }

  dispatchAll<T extends object>(
    messages: ReadonlyArray<T | Envelope<T>>,
    stamps?: readonly Stamp[],
  ): Promise<ReadonlyArray<Envelope<T>>> {
    return dispatchTogether(
      messages.map(
        (message) => (envelopeStamps) => this.dispatch(message, [...(stamps ?? []), ...envelopeStamps]),
      ),
      this.#sender,
    );
  }

  execute<R>(message: object, stamps?: readonly Stamp[]): Promise<R> {
    return executeOnce<R>(this.dispatch(message, stamps));
  }
}
