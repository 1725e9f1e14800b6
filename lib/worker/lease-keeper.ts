import type { Envelope } from '../envelope/envelope.js';
import { LeaseLostError } from '../errors/lease-lost.error.js';
import type { MessengerLogger } from '../event/logger.js';
import { isKeepaliveAware, isLossAware } from '../transport/capabilities.js';
import { isSettledWithin } from './is-settled-within.js';
import type { DeliveriesInHand } from './deliveries-in-hand.js';
import type { MessageDelivery } from './message-delivery.js';
import type { ReceiverFeed } from './receiver-feed.js';

const GRACE_MS = 30_000;

/**
 * Prolongs the leases of everything a worker has in hand, with one command for each transport and one timer. A message whose
 * lease turns out to be lost, or of which its transport says so, is not started, or if it runs, its handler's signal is aborted.
 */
export class LeaseKeeper {
  readonly #feed: ReceiverFeed;
  readonly #deliveries: DeliveriesInHand;
  readonly #logger: MessengerLogger;
  #timer: NodeJS.Timeout | undefined;
  #stopListening: (() => void) | undefined;
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
    if (isLossAware(receiver)) {
      // The transport itself tells the operator.
      this.#stopListening ??= receiver.onLost((isLost) => void this.#giveUp(isLost));
    }
    if (isKeepaliveAware(receiver) && this.#timer === undefined) {
      const every = Math.min(interval ?? receiver.leaseDuration / 3, receiver.leaseDuration / 2);
      this.#timer = setInterval(() => {
        this.#running = this.#running.then(() => this.#prolong());
      }, every);
    }
  }

  /** @param grace how long to wait for a transport that does not answer, in milliseconds. @default 30000, as for a worker */
  async stop(grace: number = GRACE_MS): Promise<void> {
    clearInterval(this.#timer);
    this.#stopListening?.();
    await isSettledWithin(grace, this.#running);
  }

  /** Never rejects. */
  async #prolong(): Promise<void> {
    const { receiver, buffered, name } = this.#feed;
    const inHand = [...buffered, ...this.#handled.map(({ received }) => received)];
    if (inHand.length === 0 || !isKeepaliveAware(receiver)) {
      return;
    }
    const at = performance.now();
    this.#feed.lease.asked();
    try {
      const lost = new Set(await receiver.keepalive(inHand));
      const error = this.#giveUp((received) => lost.has(received));
      this.#feed.prolonged(at);
      if (error !== undefined) {
        this.#logger.log('warn', error.message);
      }
    } catch (error) {
      this.#logger.log('warn', `Could not prolong the leases of transport "${name}".`, { error });
    }
  }

  /** What is being handled now. What was settled is not ours any more either, and rightly so. */
  get #handled(): readonly MessageDelivery[] {
    return [...this.#deliveries].filter(({ feed }) => feed === this.#feed);
  }

  /** @returns what the handlers are told, if any of it was still in hand. */
  #giveUp(isLost: (received: Envelope) => boolean): LeaseLostError | undefined {
    const aborted = this.#handled.filter(({ received }) => isLost(received));
    const hasDropped = this.#feed.drop(isLost);
    if (aborted.length === 0 && !hasDropped) {
      return undefined;
    }
    const error = new LeaseLostError(this.#feed.name);
    aborted.forEach((delivery) => delivery.abort(error));
    return error;
  }
}
