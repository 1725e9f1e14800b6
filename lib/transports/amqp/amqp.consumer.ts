import type { MessengerLogger } from '../../event/logger.js';
import { AmqpArrival } from './amqp.arrival.js';
import { codeOf } from './amqp.connection-errors.js';
import type { AmqpProcess } from './amqp.consumer-tag.js';
import type { AmqpFetch } from './amqp.fetch.js';
import { AmqpFetches } from './amqp.fetches.js';
import { AmqpIdleWatch } from './amqp.idle-watch.js';
import type { AmqpLosses } from './amqp.losses.js';
import type { ResolvedAmqpOptions } from './amqp.options.js';
import { AmqpPrefetch } from './amqp.prefetch.js';
import { AmqpQueueChoice } from './amqp.queue-choice.js';
import { search } from './amqp.search.js';
import type { AmqpSession } from './amqp.session.js';
import type { AmqpDelivery } from './amqp.stamps.js';
import { type AmqpStep, AmqpSteps } from './amqp.steps.js';
import type { AmqpSubscription } from './amqp.subscription.js';
import { AmqpSubscriptions } from './amqp.subscriptions.js';
import type { AmqpTopology } from './amqp.topology.js';

/** What an {@link AmqpConsumer} is made of. */
export interface AmqpConsumerSetup {
  readonly session: AmqpSession;
  readonly topology: Pick<AmqpTopology, 'ensure' | 'forget'>;
  readonly options: Pick<ResolvedAmqpOptions, 'queues' | 'prefetchCount' | 'autoSetup'>;
  readonly logger: MessengerLogger | undefined;
  readonly identity: AmqpProcess;
  /** Aborted when the transport is closed. */
  readonly closing: AbortSignal;
  /** Told of each channel that is gone. */
  readonly losses: AmqpLosses;
}

/** Of a queue with a single active consumer nobody else gets anything. So it is pushed more, and never less. */
const SINGLE_ACTIVE_PREFETCH = 500;

/** The protocol's code for what does not exist. */
const NOT_FOUND = 404;

/**
 * Hands out what the broker pushes.
 *
 * `next` takes from what has arrived, or leaves an {@link AmqpFetch} that waits. Everything that takes time happens in one loop,
 * one step after the other, until there is nothing left to do: open a channel, consume other queues or with another prefetch,
 * find out whether there is nothing, give back what nobody asks for.
 */
export class AmqpConsumer {
  readonly #setup: AmqpConsumerSetup;
  readonly #queues: AmqpQueueChoice;
  readonly #prefetch: AmqpPrefetch;
  readonly #subscriptions: AmqpSubscriptions;
  readonly #fetches: AmqpFetches;
  readonly #idle: AmqpIdleWatch;
  readonly #arrival = new AmqpArrival();
  readonly #steps = new AmqpSteps({
    next: () => this.#nextStep(),
    onFailed: (error) => this.#failed(error),
  });
  readonly #releases: Array<() => Promise<void>> = [];
  /** Whether the broker may be told for a while that nobody consumes. */
  readonly #mayPause: boolean;
  /** Whether messages may be there that only another one gets. */
  readonly #mayStandBy: boolean;
  /** What the present subscription consumes. */
  #consumed: readonly string[] | undefined;
  #isServing = false;
  #isPauseDue = false;
  #hasDeclaredAnew = false;
  #signal: AbortSignal | undefined;

  constructor(setup: AmqpConsumerSetup) {
    this.#setup = setup;
    const { queues, prefetchCount } = setup.options;
    const all = [...queues.values()];
    const isSingleActive = all.some(({ arguments: args }) => args['x-single-active-consumer'] === true);
    // To cancel would let another one become active, or delete the queue.
    this.#mayStandBy = isSingleActive;
    this.#mayPause = !isSingleActive && !all.some(({ autoDelete }) => autoDelete);
    this.#prefetch = new AmqpPrefetch(prefetchCount || (isSingleActive ? SINGLE_ACTIVE_PREFETCH : undefined));
    this.#queues = new AmqpQueueChoice(setup.session.transportName, [...queues.keys()]);
    this.#subscriptions = new AmqpSubscriptions({
      ...setup,
      onArrival: () => this.#arrived(),
      onLost: () => this.#lost(),
    });
    this.#idle = new AmqpIdleWatch(
      () => (this.#subscriptions.present?.buffered ?? 0) > 0,
      () => this.#wantPause(),
    );
    this.#fetches = new AmqpFetches({
      onDue: (fetch) => this.#due(fetch),
      onEnd: () => this.#idle.fetched(),
    });
    setup.closing.addEventListener('abort', () => this.#endAll());
  }

  /**
   * Up to `max` messages, as soon as there are any within `wait` milliseconds; nothing if `signal` fires before.
   *
   * @param queues only of these; fetches that wait for others end with nothing. @default all
   * @throws NotConsumableError when the transport has no queues, or none of this name.
   * @throws TransportError when the broker cannot be reached, or refuses to be consumed.
   */
  async next(
    max: number,
    wait: number,
    signal: AbortSignal | undefined,
    queues?: readonly string[],
  ): Promise<readonly AmqpDelivery[]> {
    if (this.#setup.closing.aborted || signal?.aborted === true) {
      return [];
    }
    if (this.#queues.choose(queues)) {
      this.#fetches.endAll();
    }
    this.#heed(signal);
    const subscription = this.#fetches.isEmpty ? this.#chosen : undefined;
    if (subscription !== undefined && subscription.buffered > 0) {
      const taken = this.#fetches.take(subscription, max);
      this.#steps.work();
      return taken;
    }
    if (wait <= 0 && subscription?.isDry === true) {
      return [];
    }
    const outcome = this.#fetches.add(max, wait, signal);
    this.#steps.work();
    return outcome;
  }

  /**
   * Gives messages back that `next` has handed out, and what has arrived since. So that they keep their order, and others get
   * them, the broker pushes nothing more until the next fetch. Answers for each whether it was still ours. Never rejects.
   *
   * @param subscription on which they arrived.
   */
  async release(
    subscription: AmqpSubscription,
    deliveries: readonly AmqpDelivery[],
  ): Promise<readonly boolean[]> {
    if (subscription !== this.#subscriptions.present || !this.#mayPause) {
      return subscription.settle(deliveries, 'requeue');
    }
    return new Promise((resolve) => {
      this.#releases.push(async () =>
        resolve(await subscription.pause(deliveries).catch(() => deliveries.map(() => false))),
      );
      this.#steps.work();
    });
  }

  /** Ends every wait and hands back what was not settled. Never rejects. */
  async close(): Promise<void> {
    this.#endAll();
    await this.#subscriptions.close();
  }

  /** The present subscription, if it consumes the queues that are chosen. */
  get #chosen(): AmqpSubscription | undefined {
    return this.#consumed === this.#queues.chosen ? this.#subscriptions.present : undefined;
  }

  /** The time of a fetch is over. */
  #due(fetch: AmqpFetch): void {
    if (this.#chosen?.isConsuming === true) {
      fetch.end([]);
    } else {
      // That there was nothing cannot be said before the queues are consumed.
      this.#steps.work();
    }
  }

  /** Whoever aborts stops, mostly for good: what was not handed out goes back at once. */
  #heed(signal: AbortSignal | undefined): void {
    if (signal !== undefined && signal !== this.#signal) {
      this.#signal?.removeEventListener('abort', this.#wantPause);
      this.#signal = signal;
      signal.addEventListener('abort', this.#wantPause);
    }
  }

  readonly #wantPause = (): void => {
    this.#isPauseDue = this.#mayPause;
    this.#steps.work();
  };

  #nextStep(): AmqpStep | undefined {
    const subscription = this.#subscriptions.present;
    const isWanted = !this.#fetches.isEmpty;
    const isPauseDue = this.#isPauseDue && !isWanted;
    this.#isPauseDue = false;
    const release = this.#releases.shift();
    if (release !== undefined) {
      return release;
    }
    if (this.#setup.closing.aborted) {
      return undefined;
    }
    if (subscription === undefined) {
      return isWanted ? () => this.#attach() : undefined;
    }
    if (isPauseDue) {
      return () => subscription.pause();
    }
    if (!subscription.isConsuming || this.#chosen === undefined) {
      return isWanted ? () => this.#consume(subscription) : undefined;
    }
    return this.#adaptation(subscription) ?? this.#search(subscription);
  }

  #adaptation(subscription: AmqpSubscription): AmqpStep | undefined {
    const { asked, isEmpty } = this.#fetches;
    const change = this.#prefetch.change(subscription.load, asked, !isEmpty);
    if (change === 'less') {
      return this.#mayPause ? () => subscription.pause() : undefined;
    }
    return change && (() => subscription.consume(this.#queues.chosen, change.prefetch));
  }

  #search(subscription: AmqpSubscription): (() => Promise<void>) | undefined {
    const asking = this.#fetches.due;
    return asking.length > 0 && subscription.buffered === 0
      ? () => this.#look(subscription, asking)
      : undefined;
  }

  async #attach(): Promise<void> {
    const subscription = await this.#subscriptions.open();
    if (subscription !== undefined) {
      await this.#consume(subscription);
    }
  }

  async #consume(subscription: AmqpSubscription): Promise<void> {
    const queues = this.#queues.chosen;
    await subscription.consume(queues, this.#prefetch.initial(this.#fetches.asked));
    this.#hasDeclaredAnew = false;
    subscription.keepOnly(queues);
    this.#consumed = queues;
    this.#serve();
  }

  #failed(error: unknown): void {
    const { session, topology, options } = this.#setup;
    topology.forget();
    if (codeOf(error) === NOT_FOUND && options.autoSetup && !this.#hasDeclaredAnew) {
      // A queue was deleted while it was not consumed.
      this.#hasDeclaredAnew = true;
    } else {
      this.#fetches.failAll(session.errorOf(error));
    }
  }

  /** Ends those who ask, once it is known that there is nothing for them. */
  async #look(subscription: AmqpSubscription, asking: readonly AmqpFetch[]): Promise<void> {
    const isWorthWaiting = (): boolean =>
      !this.#mayStandBy && !this.#isPauseDue && this.#releases.length === 0 && !this.#fetches.isEmpty;
    await search(subscription, this.#arrival, isWorthWaiting);
    this.#serve();
    if (subscription.isOpen) {
      asking.filter((fetch) => this.#fetches.has(fetch)).forEach((fetch) => fetch.end([]));
    }
  }

  #arrived(): void {
    this.#arrival.happened();
    this.#idle.arrived();
    if (!this.#isServing && !this.#fetches.isEmpty) {
      this.#isServing = true;
      // Once everything that has arrived together is in the buffer.
      queueMicrotask(() => {
        this.#isServing = false;
        this.#serve();
      });
    }
  }

  #serve(): void {
    if (this.#chosen !== undefined) {
      this.#fetches.serve(this.#chosen);
    }
  }

  #lost(): void {
    this.#consumed = undefined;
    this.#arrival.happened();
    this.#steps.work();
  }

  #endAll(): void {
    this.#idle.stop();
    this.#arrival.happened();
    this.#signal?.removeEventListener('abort', this.#wantPause);
    this.#fetches.endAll();
  }
}
