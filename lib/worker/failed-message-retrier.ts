import type { FailedMessages } from '../failure/failed-messages.js';
import type { HandlerRunner } from '../handler/handler-runner.js';
import type { MessengerLogger } from '../event/logger.js';
import { DeliveriesInHand } from './deliveries-in-hand.js';
import { LeaseKeeper } from './lease-keeper.js';
import { MessageDelivery } from './message-delivery.js';
import type { MessageProcessor } from './message-processor.js';
import type { ReceiverFeed } from './receiver-feed.js';

/** What came of running a failed message again. */
export type ManualRetry =
  | { readonly outcome: 'handled' }
  /**
   * It failed again, and is in the failure transport still, with one more entry in its history. `stopReason`: the handler
   * asked for an end (`StopWorkerError`).
   */
  | { readonly outcome: 'failed'; readonly error: unknown; readonly stopReason?: string }
  /** A listener of `WorkerMessageReceivedEvent` did not want it to be handled. It is in the failure transport still. */
  | { readonly outcome: 'skipped' }
  /** There is no message with this id, or a worker is handling it. */
  | { readonly outcome: 'gone' };

/** What {@link FailedMessageRetrier} needs; see `WorkerFactory.createRetrier`. */
export interface FailedMessageRetrierParts {
  readonly failedMessages: FailedMessages;
  readonly createFeed: (transportName: string) => ReceiverFeed;
  readonly processor: MessageProcessor;
  readonly runner: HandlerRunner;
  readonly logger: MessengerLogger;
}

/**
 * Runs messages of a failure transport again, in this process, one at a time: `failed:retry`. The message is claimed first,
 * so a worker that consumes the transport at the same time cannot have it too.
 */
export class FailedMessageRetrier {
  readonly #parts: FailedMessageRetrierParts;

  constructor(parts: FailedMessageRetrierParts) {
    this.#parts = parts;
  }

  /**
   * @param options `keepalive`: milliseconds between two signs of life for the message. @default a third of its lease
   * @throws UnknownTransportError; MissingCapabilityError; TransportError. What the handler throws is in the outcome.
   */
  async retry(
    transportName: string,
    id: string,
    { keepalive }: { readonly keepalive?: number } = {},
  ): Promise<ManualRetry> {
    const { failedMessages, createFeed, processor, runner, logger } = this.#parts;
    const received = await failedMessages.claimable(transportName).claim(id);
    if (received === undefined) {
      return { outcome: 'gone' };
    }
    const feed = createFeed(transportName);
    // A batch of one message waits for no other.
    const delivery = new MessageDelivery(received, feed, () =>
      queueMicrotask(() => void runner.flushBatches()),
    );
    const inHand = new DeliveriesInHand();
    inHand.add(delivery);
    const keeper = new LeaseKeeper(feed, inHand, logger);
    keeper.start(keepalive);
    try {
      const { outcome, error, stopReason } = await processor.process(delivery, true);
      return outcome === 'failed'
        ? { outcome, error, ...(stopReason !== undefined && { stopReason }) }
        : { outcome };
    } finally {
      await keeper.stop();
      await feed.settler.drained();
    }
  }
}
