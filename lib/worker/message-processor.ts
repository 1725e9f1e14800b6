import type { MessageBus } from '../bus/message-bus.js';
import type { Envelope } from '../envelope/envelope.js';
import { isThrown } from '../errors/is-thrown.js';
import { StopWorkerError } from '../errors/stop-worker.error.js';
import type { MessengerLogger } from '../event/logger.js';
import type { MessengerEvents } from '../event/messenger-events.js';
import { WorkerMessageHandledEvent } from '../event/worker-message-handled.event.js';
import { WorkerMessageReceivedEvent } from '../event/worker-message-received.event.js';
import type { FailureHandler } from '../failure/failure-handler.js';
import { rootCausesOf } from '../failure/root-causes.js';
import { shownMessageName } from '../message/shown-message-name.js';
import { ConsumedByWorkerStamp } from '../stamp/consumed-by-worker.stamp.js';
import { HandledBeforeStamp } from '../stamp/handled-before.stamp.js';
import { HandledStamp } from '../stamp/handled.stamp.js';
import { ReceivedStamp } from '../stamp/received.stamp.js';
import { isReleasable } from '../transport/capabilities.js';
import type { MessageDelivery } from './message-delivery.js';

/** What {@link MessageProcessor} needs. */
export interface MessageProcessorOptions {
  readonly bus: MessageBus;
  readonly failureHandler: FailureHandler;
  readonly events: MessengerEvents;
  readonly logger: MessengerLogger;
}

/** How a message ended, as far as its worker counts it. */
export interface ProcessedMessage {
  readonly outcome: 'handled' | 'failed' | 'skipped';
  /** Why the worker shall stop, if the handler asked for it. */
  readonly stopReason?: string;
  /** What was thrown, if it failed. */
  readonly error?: unknown;
}

const HANDLED: ProcessedMessage = { outcome: 'handled' };
const SKIPPED: ProcessedMessage = { outcome: 'skipped' };

/** How long a message waits that a listener did not want to be handled now. */
const SKIPPED_MS = 1000;

/**
 * One message's life in a worker, from top to bottom: received, dispatched to its handlers, acknowledged; or, if anything in
 * that failed, handed to the `FailureHandler`.
 */
export class MessageProcessor {
  readonly #options: MessageProcessorOptions;

  constructor(options: MessageProcessorOptions) {
    this.#options = options;
  }

  /** Never rejects: whatever a message, a listener or a transport does, the worker goes on. */
  async process(delivery: MessageDelivery, isManualRetry = false): Promise<ProcessedMessage> {
    const { received, feed } = delivery;
    try {
      const stamped = received.with(new ReceivedStamp(feed.name), new ConsumedByWorkerStamp(delivery));
      // Nothing of this is built, and no turn is lost, where nobody listens.
      const envelope = this.#isAnnounced ? await this.#announce(stamped, delivery) : stamped;
      if (envelope === undefined) {
        return SKIPPED;
      }
      const handled = await this.#options.bus.dispatch(envelope);
      if (this.#isReported) {
        await this.#report(handled, delivery);
      }
    } catch (error) {
      if (delivery.isLost) {
        return this.#lost(delivery, error);
      }
      const { failureHandler } = this.#options;
      const { settler, receiver, name: transportName } = feed;
      await failureHandler.handle({ received, error, transportName, receiver, settler, isManualRetry });
      return failed(error);
    }
    // Not awaited: what is settled in one turn of the event loop goes out together, and a stopping worker waits for it.
    void feed.settler.ack(received);
    return HANDLED;
  }

  get #isAnnounced(): boolean {
    const { events, logger } = this.#options;
    return events.hasListeners(WorkerMessageReceivedEvent) || logger.enabled('debug');
  }

  get #isReported(): boolean {
    const { events, logger } = this.#options;
    return events.hasListeners(WorkerMessageHandledEvent) || logger.enabled('debug');
  }

  /** Resolves with the envelope to dispatch, or with nothing if a listener wants it left alone. */
  async #announce(envelope: Envelope, { received, feed }: MessageDelivery): Promise<Envelope | undefined> {
    const { events, logger } = this.#options;
    logger.log('debug', `Received "${shownMessageName(received.message)}" from transport "${feed.name}".`);
    if (!events.hasListeners(WorkerMessageReceivedEvent)) {
      return envelope;
    }
    const event = new WorkerMessageReceivedEvent(envelope, feed.name);
    await events.notify(event);
    if (!event.isSkipped) {
      return event.envelope;
    }
    if (isReleasable(feed.receiver)) {
      await feed.receiver.release([received], { delay: SKIPPED_MS });
    }
    return undefined;
  }

  /** No copy is stored, neither for a retry nor as failed: the message is delivered again, and would be there twice. */
  #lost({ received, feed }: MessageDelivery, error: unknown): ProcessedMessage {
    this.#options.logger.log(
      'warn',
      `"${shownMessageName(received.message)}" failed after it was lost to transport "${feed.name}", which delivers it again.`,
      { error },
    );
    return failed(error);
  }

  async #report(handled: Envelope, { feed, startedAt }: MessageDelivery): Promise<void> {
    const { events, logger } = this.#options;
    const handlers = handled.all(HandledStamp).map(({ handlerName }) => handlerName);
    const skipped = handled.all(HandledBeforeStamp).map(({ handlerName }) => handlerName);
    const called = handlers.filter((name) => !skipped.includes(name));
    logger.log(
      'debug',
      `"${shownMessageName(handled.message)}" was handled by ${called.join(', ') || 'nobody'}.`,
    );
    const duration = performance.now() - startedAt;
    await events.notify(new WorkerMessageHandledEvent(handled, feed.name, duration, skipped));
  }
}

function failed(error: unknown): ProcessedMessage {
  const stop = rootCausesOf(error).find((cause) => isThrown(cause, StopWorkerError));
  return stop === undefined
    ? { outcome: 'failed', error }
    : { outcome: 'failed', error, stopReason: stop.message };
}
