import type { Envelope } from '../envelope/envelope.js';
import { LeaseLostError } from '../errors/lease-lost.error.js';
import type { MessengerLogger } from '../event/logger.js';
import { isKeepaliveAware } from '../transport/capabilities.js';
import type { DeliveriesInHand } from './deliveries-in-hand.js';
import type { MessageDelivery } from './message-delivery.js';
import type { ReceiverFeed } from './receiver-feed.js';

/**
 * Prolongs the leases of everything a worker has in hand, with one command for each transport and one timer. A message whose
 * lease turns out to be lost is not started, or if it runs, its handler's signal is aborted.
 */
export class LeaseKeeper {
  readonly #feed: ReceiverFeed;
  readonly #deliveries: DeliveriesInHand;
  readonly #logger: MessengerLogger;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  /** @param deliveries what the worker is handling, of all feeds; read at each turn. */
  constructor(feed: ReceiverFeed, deliveries: DeliveriesInHand, logger: MessengerLogger) {
    this.#feed = feed;
    this.#deliveries = deliveries;
    this.#logger = logger;
  }

  /** @param interval milliseconds between two signs of life; by default a third of the lease. */
  start(interval?: number): void {
    const { receiver } = this.#feed;
    if (isKeepaliveAware(receiver) && this.#timer === undefined) {
      const every = Math.min(interval ?? receiver.leaseDuration / 3, receiver.leaseDuration / 2);
      this.#timer = setInterval(() => {
        this.#running = this.#running.then(() => this.#prolong());
      }, every);
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Never rejects. */
  async #prolong(): Promise<void> {
    const { receiver, buffered, name } = this.#feed;
    const running = [...this.#deliveries].filter(({ feed }) => feed === this.#feed);
    const inHand = [...buffered, ...running.map(({ received }) => received)];
    if (inHand.length === 0 || !isKeepaliveAware(receiver)) {
      return;
    }
    try {
      this.#giveUp(new Set(await receiver.keepalive(inHand)), running);
    } catch (error) {
      this.#logger.log('warn', `Could not prolong the leases of transport "${name}".`, { error });
    }
  }

  #giveUp(lost: ReadonlySet<Envelope>, running: readonly MessageDelivery[]): void {
    // What was settled meanwhile is no longer ours either, and rightly so.
    const aborted = running.filter(
      (delivery) => lost.has(delivery.received) && this.#deliveries.has(delivery),
    );
    const isUnstartedLost = this.#feed.buffered.some((envelope) => lost.has(envelope));
    if (aborted.length === 0 && !isUnstartedLost) {
      return;
    }
    const error = new LeaseLostError(this.#feed.name);
    this.#feed.drop(lost);
    aborted.forEach((delivery) => delivery.abort(error));
    this.#logger.log('warn', error.message);
  }
}
