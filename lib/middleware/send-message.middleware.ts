import { randomUUID } from 'node:crypto';
import type { Envelope } from '../envelope/envelope.js';
import { NoSenderError } from '../errors/no-sender.error.js';
import { MessageSentToTransportsEvent } from '../event/message-sent-to-transports.event.js';
import type { MessengerEvents } from '../event/messenger-events.js';
import { SendMessageToTransportsEvent } from '../event/send-message-to-transports.event.js';
import { classOf } from '../message/message-class.js';
import type { SendersLocator } from '../routing/senders-locator.js';
import type { TransportSender } from '../routing/transport-sender.js';
import { MessageIdStamp } from '../stamp/message-id.stamp.js';
import { ReceivedStamp } from '../stamp/received.stamp.js';
import { SendTogetherStamp } from '../stamp/send-together.stamp.js';
import { TransactionScopeStamp } from '../stamp/transaction-scope.stamp.js';
import { TransactionStamp } from '../stamp/transaction.stamp.js';
import type { CurrentTransaction } from './current-transaction.js';
import type { Middleware, Next } from './middleware.js';

/** What {@link SendMessageMiddleware} needs. */
export interface SendMessageOptions {
  readonly busName: string;
  readonly senders: SendersLocator;
  readonly sender: TransportSender;
  readonly transactions: CurrentTransaction;
  readonly events: MessengerEvents;
  /** Accept a message that is routed nowhere; it is handled where it is. */
  readonly allowNoSenders: boolean;
  readonly newId?: () => string;
}

/**
 * Sends a message to the transports it is routed to, and ends the chain there: a message that was sent is handled by the
 * worker that receives it. A message without a route, and one that a worker has received, passes on to its handlers.
 */
export class SendMessageMiddleware implements Middleware {
  readonly #options: SendMessageOptions;
  readonly #newId: () => string;

  constructor(options: SendMessageOptions) {
    this.#options = options;
    this.#newId = options.newId ?? randomUUID;
  }

  handle(envelope: Envelope, next: Next): Promise<Envelope> {
    if (envelope.has(ReceivedStamp)) {
      return next(envelope);
    }
    const transportNames = this.#options.senders.transportNamesOf(envelope);
    if (transportNames.length > 0) {
      const scope = envelope.last(TransactionScopeStamp)?.scope ?? this.#options.transactions.scope;
      return scope === undefined || envelope.has(TransactionStamp)
        ? this.#send(envelope, transportNames)
        : scope.send(classOf(envelope.message).name, (transaction) =>
            this.#send(envelope.with(new TransactionStamp(transaction)), transportNames),
          );
    }
    if (!this.#options.allowNoSenders) {
      return Promise.reject(new NoSenderError(classOf(envelope.message).name, this.#options.busName));
    }
    return next(envelope);
  }

  /**
   * Whether all that {@link handle} will do with a message is to give it to a transport: it is not handled here, unless by a dispatch
   * of its own, and no listener of the application is called.
   */
  onlySends(envelope: Envelope): boolean {
    return (
      !this.#hasListeners &&
      !envelope.has(ReceivedStamp) &&
      this.#options.senders.transportNamesOf(envelope).length > 0
    );
  }

  get #hasListeners(): boolean {
    const { events } = this.#options;
    return (
      events.hasListeners(SendMessageToTransportsEvent) || events.hasListeners(MessageSentToTransportsEvent)
    );
  }

  #send(envelope: Envelope, transportNames: readonly string[]): Promise<Envelope> {
    const identified = envelope.has(MessageIdStamp)
      ? envelope
      : envelope.with(new MessageIdStamp(this.#newId()));
    return this.#hasListeners
      ? this.#sendWithEvents(identified, transportNames)
      : this.#store(identified, transportNames);
  }

  async #sendWithEvents(envelope: Envelope, transportNames: readonly string[]): Promise<Envelope> {
    const { events } = this.#options;
    const event = new SendMessageToTransportsEvent(envelope, transportNames);
    await events.dispatch(event);
    const sent = await this.#store(event.envelope, transportNames);
    await events.notify(new MessageSentToTransportsEvent(sent, transportNames));
    return sent;
  }

  #store(envelope: Envelope, transportNames: readonly string[]): Promise<Envelope> {
    const together = envelope.last(SendTogetherStamp);
    return together === undefined
      ? this.#options.sender.send(envelope, transportNames)
      : together.send(envelope.without(SendTogetherStamp), transportNames);
  }
}
