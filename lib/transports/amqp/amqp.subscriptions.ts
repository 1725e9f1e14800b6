import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { MessengerLogger } from '../../event/logger.js';
import { AmqpBackOff } from './amqp.back-off.js';
import { type AmqpProcess, newConsumerTag } from './amqp.consumer-tag.js';
import type { AmqpLosses } from './amqp.losses.js';
import type { AmqpSession } from './amqp.session.js';
import { AmqpSubscription } from './amqp.subscription.js';
import type { AmqpTopology } from './amqp.topology.js';

/** What {@link AmqpSubscriptions} are made of. */
export interface AmqpSubscriptionsSetup {
  readonly session: AmqpSession;
  readonly topology: Pick<AmqpTopology, 'ensure' | 'forget'>;
  readonly logger: MessengerLogger | undefined;
  readonly identity: AmqpProcess;
  /** Aborted when the transport is closed. */
  readonly closing: AbortSignal;
  readonly losses: AmqpLosses;
  /** Called for each message that has arrived. Must not throw. */
  readonly onArrival: () => void;
  /** Called when the present subscription is gone. Must not throw. */
  readonly onLost: () => void;
}

/**
 * The channels on which one transport consumes: the present one, and those of which only the last messages are still handled.
 *
 * One that is lost is told of and left; whoever needs the next asks for it. If several are lost within seconds of their
 * beginning, as when a queue is deleted as often as it is declared, the next has to wait.
 */
export class AmqpSubscriptions {
  readonly #setup: AmqpSubscriptionsSetup;
  readonly #backOff = new AmqpBackOff();
  readonly #retired: AmqpSubscription[] = [];
  #present: AmqpSubscription | undefined;
  #openedAt = 0;
  #hasLost = false;

  constructor(setup: AmqpSubscriptionsSetup) {
    this.#setup = setup;
  }

  get present(): AmqpSubscription | undefined {
    return this.#present;
  }

  /**
   * A new one, which consumes nothing yet; nothing if the transport was closed meanwhile.
   *
   * @throws TransportError when the broker cannot be reached or does not let the queues be declared.
   */
  async open(): Promise<AmqpSubscription | undefined> {
    const { session, topology, identity, closing, onArrival } = this.#setup;
    if (this.#hasLost) {
      this.#hasLost = false;
      await sleep(this.#backOff.next(), undefined, { signal: closing }).catch(() => undefined);
    }
    if (closing.aborted) {
      return undefined;
    }
    await topology.ensure();
    const channel = await session.channel();
    const newTag = (): string => newConsumerTag(identity, session.transportName);
    const subscription: AmqpSubscription = new AmqpSubscription(channel, newTag, {
      onArrival,
      onCancelled: (queue) => this.#cancelled(subscription, queue),
      onClosed: (error, held) => void this.#closed(subscription, error, held),
    });
    if (closing.aborted) {
      await subscription.close();
      return undefined;
    }
    this.#openedAt = performance.now();
    this.#present = subscription;
    return subscription;
  }

  /** Closes all; the broker takes back what was not settled. Never rejects. */
  async close(): Promise<void> {
    const open = this.#present === undefined ? this.#retired : [this.#present, ...this.#retired];
    await Promise.all(open.map((each) => each.close()));
  }

  /** What was handed out can still be settled on its channel. */
  #cancelled(subscription: AmqpSubscription, queue: string): void {
    const { session, topology, logger } = this.#setup;
    logger?.log(
      'warn',
      `Transport "${session.transportName}": the broker has ended the consumption of queue "${queue}", which is consumed anew. The queue ` +
        'was deleted, or its node is down; or, from RabbitMQ 4.3 on, a handler took longer than "consumer_timeout".',
    );
    topology.forget();
    this.#leave(subscription);
    this.#retired.push(subscription);
    void subscription.retire();
  }

  async #closed(subscription: AmqpSubscription, error: Error | undefined, held: number): Promise<void> {
    const { session, logger, closing, losses } = this.#setup;
    // First of all: what waits to be handled must not be begun.
    losses.tell(subscription);
    this.#leave(subscription);
    const place = this.#retired.indexOf(subscription);
    if (place >= 0) {
      this.#retired.splice(place, 1);
    }
    // The driver tells why a connection was lost only after it has closed the channels.
    await nextTurn();
    if (!closing.aborted && (error !== undefined || held > 0)) {
      logger?.log(
        'warn',
        `Transport "${session.transportName}" has lost the channel on which it consumes; ${held} message(s) in hand will be ` +
          'delivered again.',
        { error: session.errorOf(error ?? new Error('Channel closed')) },
      );
    }
  }

  #leave(subscription: AmqpSubscription): void {
    if (this.#present === subscription) {
      this.#present = undefined;
      this.#hasLost = true;
      this.#backOff.lost(performance.now() - this.#openedAt);
      this.#setup.onLost();
    }
  }
}
