import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { NotConsumableError } from '../../errors/not-consumable.error.js';
import { quoted } from '../../errors/quoted.js';
import type { MessengerLogger } from '../../event/logger.js';
import { AmqpBackOff } from './amqp.back-off.js';
import { AmqpFetch } from './amqp.fetch.js';
import type { ResolvedAmqpOptions } from './amqp.options.js';
import { AmqpPrefetch } from './amqp.prefetch.js';
import type { AmqpSession } from './amqp.session.js';
import type { AmqpDelivery } from './amqp.stamps.js';
import { AmqpSubscription } from './amqp.subscription.js';
import type { AmqpTopology } from './amqp.topology.js';

/** Which process this is, for people who look at the broker. */
export interface AmqpProcess {
  readonly host: string;
  readonly pid: number;
}

/** What an {@link AmqpConsumer} is made of. */
export interface AmqpConsumerSetup {
  readonly session: AmqpSession;
  readonly topology: Pick<AmqpTopology, 'ensure' | 'forget'>;
  readonly options: Pick<ResolvedAmqpOptions, 'queues' | 'prefetchCount' | 'autoSetup'>;
  readonly logger: MessengerLogger | undefined;
  readonly identity: AmqpProcess;
  /** Aborted when the transport is closed. */
  readonly closing: AbortSignal;
}

/** Messages that nobody has asked for in this time go back, in milliseconds. */
const IDLE_MS = 1000;

/** How long the broker's next message mostly takes to come after there is room for it, in milliseconds. */
const SOON_MS = 2;

/** How long to wait for a message that the broker says is there, in milliseconds. It may be for somebody else. */
const READY_MS = 50;

/** Of a queue with a single active consumer nobody else gets anything. So it is pushed more, and never less. */
const SINGLE_ACTIVE_PREFETCH = 500;

/** A consumer tag may have 255 bytes; the rest of it takes the others. */
const MAX_NAME_BYTES = 220;

/**
 * Hands out what the broker pushes.
 *
 * `next` takes from what has arrived, or leaves an {@link AmqpFetch} that waits. Everything that takes time happens in one loop,
 * one step after the other, until there is nothing left to do: attach, consume other queues or with another prefetch, find out
 * whether there is nothing, give back what nobody asks for.
 */
export class AmqpConsumer {
  readonly #setup: AmqpConsumerSetup;
  readonly #prefetch: AmqpPrefetch;
  readonly #backOff = new AmqpBackOff();
  /** Whether the broker may be told for a while that nobody consumes. */
  readonly #mayPause: boolean;
  readonly #retired: AmqpSubscription[] = [];
  #subscription: AmqpSubscription | undefined;
  #queues: readonly string[];
  /** What the consumers of the subscription consume. */
  #consumed: readonly string[] = [];
  #fetches: AmqpFetch[] = [];
  #isWorking = false;
  #isServing = false;
  #isPauseDue = false;
  #hasDeclaredAnew = false;
  readonly #releases: Array<() => Promise<void>> = [];
  /** How many messages the last fetch wanted and did not get. */
  #shortfall = 0;
  #attachedAt = 0;
  #hasFailed = false;
  #fetchedAt = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  #signal: AbortSignal | undefined;
  #onArrival: (() => void) | undefined;

  constructor(setup: AmqpConsumerSetup) {
    this.#setup = setup;
    const { queues, prefetchCount } = setup.options;
    const all = [...queues.values()];
    const isSingleActive = all.some(({ arguments: args }) => args['x-single-active-consumer'] === true);
    // To cancel would let another one become active, or delete the queue.
    this.#mayPause = !isSingleActive && !all.some(({ autoDelete }) => autoDelete);
    this.#prefetch = new AmqpPrefetch(prefetchCount || (isSingleActive ? SINGLE_ACTIVE_PREFETCH : undefined));
    this.#queues = [...queues.keys()];
    setup.closing.addEventListener('abort', () => this.#endAll());
  }

  /**
   * Up to `max` messages, as soon as there are any within `wait` milliseconds; nothing if `signal` fires before.
   *
   * @param queues only of these; other fetches that wait for others end with nothing. @default all
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
    this.#choose(queues);
    this.#heed(signal);
    const subscription = this.#subscription;
    if (subscription !== undefined && this.#fetches.length === 0 && this.#consumed === this.#queues) {
      if (subscription.buffered > 0) {
        this.#fetchedAt = performance.now();
        const taken = subscription.take(max);
        this.#shortfall = max - taken.length;
        this.#work();
        return taken;
      }
      if (wait <= 0 && subscription.isDry) {
        return [];
      }
    }
    return this.#wait(max, wait, signal);
  }

  /**
   * Gives messages back that `next` has handed out, and what has arrived since. So that they keep their order, and others get
   * them, the broker pushes nothing more until the next fetch. Answers for each whether it was still ours. Never rejects.
   *
   * @param subscription the channel of the deliveries.
   */
  async release(
    subscription: AmqpSubscription,
    deliveries: readonly AmqpDelivery[],
  ): Promise<readonly boolean[]> {
    if (subscription !== this.#subscription || !this.#mayPause) {
      return subscription.settle(deliveries, 'requeue');
    }
    return new Promise((resolve) => {
      this.#releases.push(async () => {
        const answers = subscription.pause(deliveries).catch(() => deliveries.map(() => false));
        resolve(await answers);
      });
      this.#work();
    });
  }

  /** Ends every wait and hands back what was not settled. Never rejects. */
  async close(): Promise<void> {
    this.#endAll();
    const open = this.#subscription === undefined ? this.#retired : [this.#subscription, ...this.#retired];
    await Promise.all(open.map((each) => each.close()));
  }

  #wait(max: number, wait: number, signal: AbortSignal | undefined): Promise<readonly AmqpDelivery[]> {
    const fetch = new AmqpFetch({
      max,
      wait,
      signal,
      onDue: (due) => this.#due(due),
      onEnd: (ended) => {
        this.#fetches = this.#fetches.filter((each) => each !== ended);
        this.#fetchedAt = performance.now();
      },
    });
    this.#fetches.push(fetch);
    this.#shortfall = 0;
    this.#work();
    return fetch.outcome;
  }

  #due(fetch: AmqpFetch): void {
    const isAttached = this.#subscription?.isConsuming === true && this.#consumed === this.#queues;
    if (isAttached) {
      fetch.end([]);
    } else {
      // That there was nothing cannot be said before the queues are consumed.
      this.#work();
    }
  }

  #choose(queues: readonly string[] | undefined): void {
    const known = [...this.#setup.options.queues.keys()];
    const { transportName } = this.#setup.session;
    if (known.length === 0) {
      throw new NotConsumableError(
        transportName,
        'has no queues: messages are only sent to it. Name some in "queues"',
      );
    }
    const unknown = queues?.find((queue) => !known.includes(queue));
    if (unknown !== undefined) {
      throw new NotConsumableError(transportName, `has no queue "${unknown}"; it has ${quoted(known)}`);
    }
    const chosen = queues ?? known;
    if (!isSame(chosen, this.#queues)) {
      this.#queues = [...chosen];
      this.#endFetches();
    }
  }

  /** Whoever aborts stops, mostly for good: what was not handed out goes back at once. */
  #heed(signal: AbortSignal | undefined): void {
    if (signal !== undefined && signal !== this.#signal) {
      this.#signal?.removeEventListener('abort', this.#aborted);
      this.#signal = signal;
      signal.addEventListener('abort', this.#aborted);
    }
  }

  readonly #aborted = (): void => this.#wantPause();

  #wantPause(): void {
    this.#isPauseDue = this.#mayPause;
    this.#work();
  }

  /** Does what there is to do, after this turn of the event loop: what is settled in it counts already. */
  #work(): void {
    if (!this.#isWorking) {
      this.#isWorking = true;
      void this.#steps();
    }
  }

  /** Never rejects. */
  async #steps(): Promise<void> {
    for (;;) {
      await nextTurn();
      const step = this.#nextStep();
      if (step === undefined) {
        this.#isWorking = false;
        return;
      }
      try {
        await step();
      } catch (error) {
        // The driver tells why a connection was lost only after it has closed the channels.
        await nextTurn();
        this.#failed(error);
      }
    }
  }

  #failed(error: unknown): void {
    const { session, topology, options } = this.#setup;
    topology.forget();
    if (isNotFound(error) && options.autoSetup && !this.#hasDeclaredAnew) {
      // A queue was deleted while it was not consumed.
      this.#hasDeclaredAnew = true;
      return;
    }
    const failure = session.errorOf(error);
    this.#fetches.forEach((fetch) => fetch.fail(failure));
  }

  #nextStep(): (() => Promise<void>) | undefined {
    const subscription = this.#subscription;
    const isWanted = this.#fetches.length > 0;
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
      return () => this.#pause();
    }
    if (!subscription.isConsuming || this.#consumed !== this.#queues) {
      return isWanted ? () => this.#consume(subscription) : undefined;
    }
    const change = this.#prefetch.change(subscription.load, this.#asked);
    if (change === 'less' && this.#mayPause) {
      return () => this.#pause();
    }
    if (change !== undefined && change !== 'less') {
      return () => subscription.consume(this.#queues, change.prefetch);
    }
    const asking = this.#fetches.filter(({ isDue }) => isDue);
    return asking.length > 0 && subscription.buffered === 0
      ? () => this.#look(subscription, asking)
      : undefined;
  }

  /** Messages wanted beyond those that were handed out. */
  get #asked(): number {
    return this.#fetches.reduce((sum, { max }) => sum + max, this.#shortfall);
  }

  async #attach(): Promise<void> {
    const { session, topology, closing } = this.#setup;
    await this.#backOffAfterFailure();
    await topology.ensure();
    const channel = await session.channel();
    const subscription: AmqpSubscription = new AmqpSubscription(channel, () => this.#newTag(), {
      onArrival: () => this.#arrived(),
      onCancelled: (queue) => this.#cancelled(subscription, queue),
      onClosed: (error, held) => void this.#closed(subscription, error, held),
    });
    if (closing.aborted) {
      await subscription.close();
      return;
    }
    this.#attachedAt = performance.now();
    this.#subscription = subscription;
    await this.#consume(subscription);
  }

  async #consume(subscription: AmqpSubscription): Promise<void> {
    const queues = this.#queues;
    await subscription.consume(queues, this.#prefetch.initial(this.#asked));
    this.#hasDeclaredAnew = false;
    subscription.keepOnly(queues);
    this.#consumed = queues;
    this.#serve();
  }

  /** A queue that is deleted as often as it is declared shall not keep the broker busy. */
  async #backOffAfterFailure(): Promise<void> {
    if (this.#hasFailed) {
      this.#hasFailed = false;
      await sleep(this.#backOff.next(), undefined, { signal: this.#setup.closing }).catch(() => undefined);
    }
  }

  /** Ends those who ask, once it is known that there is nothing for them. */
  async #look(subscription: AmqpSubscription, asking: readonly AmqpFetch[]): Promise<void> {
    const isKnown = subscription.isDry || subscription.isFull;
    if (!isKnown && !(await this.#arrivalWithin(SOON_MS)) && subscription.isOpen) {
      const ready = await subscription.probe();
      if (ready > 0 && subscription.buffered === 0) {
        await this.#arrivalWithin(READY_MS);
      }
    }
    this.#serve();
    if (subscription.isOpen) {
      asking.filter((fetch) => this.#fetches.includes(fetch)).forEach((fetch) => fetch.end([]));
    }
  }

  /** Resolves with whether a message arrives within so many milliseconds. */
  #arrivalWithin(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (hasArrived: boolean): void => {
        clearTimeout(timer);
        this.#onArrival = undefined;
        resolve(hasArrived);
      };
      const timer = setTimeout(() => end(false), ms);
      this.#onArrival = () => end(true);
    });
  }

  #arrived(): void {
    this.#onArrival?.();
    this.#idleTimer ??= setTimeout(() => this.#noticeIdle(), IDLE_MS).unref();
    if (this.#fetches.length > 0 && !this.#isServing) {
      this.#isServing = true;
      // Once everything that has arrived together is in the buffer.
      queueMicrotask(() => {
        this.#isServing = false;
        this.#serve();
      });
    }
  }

  #serve(): void {
    const subscription = this.#subscription;
    if (subscription === undefined || this.#consumed !== this.#queues) {
      return;
    }
    for (
      let [fetch] = this.#fetches;
      fetch !== undefined && subscription.buffered > 0;
      [fetch] = this.#fetches
    ) {
      const taken = subscription.take(fetch.max);
      this.#shortfall = fetch.max - taken.length;
      fetch.end(taken);
    }
  }

  #noticeIdle(): void {
    this.#idleTimer = undefined;
    if ((this.#subscription?.buffered ?? 0) === 0) {
      return;
    }
    const left = this.#fetchedAt + IDLE_MS - performance.now();
    if (left > 0) {
      this.#idleTimer = setTimeout(() => this.#noticeIdle(), left).unref();
    } else {
      this.#wantPause();
    }
  }

  async #pause(): Promise<void> {
    await this.#subscription?.pause();
  }

  /** What was handed out can still be settled on its channel. */
  #cancelled(subscription: AmqpSubscription, queue: string): void {
    const { session, topology, logger } = this.#setup;
    logger?.log(
      'warn',
      `Transport "${session.transportName}": the broker ended the consumption of queue "${queue}"; mostly because it was deleted.`,
    );
    topology.forget();
    this.#drop(subscription);
    if (subscription.isOpen) {
      this.#retired.push(subscription);
      void subscription.retire();
    }
  }

  async #closed(subscription: AmqpSubscription, error: Error | undefined, held: number): Promise<void> {
    const { session, logger, closing } = this.#setup;
    const place = this.#retired.indexOf(subscription);
    if (place >= 0) {
      this.#retired.splice(place, 1);
    }
    this.#drop(subscription);
    // The driver tells why a connection was lost only after it has closed the channels.
    await nextTurn();
    if (!closing.aborted && (error !== undefined || held > 0)) {
      logger?.log(
        'warn',
        `Transport "${session.transportName}" has lost the channel on which it consumes; ${held} message(s) in hand will be ` +
          'delivered again.',
        { error: session.errorOf(error) },
      );
    }
  }

  #drop(subscription: AmqpSubscription): void {
    if (this.#subscription !== subscription) {
      return;
    }
    this.#subscription = undefined;
    this.#consumed = [];
    this.#hasFailed = true;
    this.#backOff.lost(performance.now() - this.#attachedAt);
    this.#onArrival?.();
    this.#work();
  }

  #newTag(): string {
    const { identity, session } = this.#setup;
    const name = Buffer.from(`${identity.host}:${identity.pid}:${session.transportName}`);
    return `${name.toString('utf8', 0, MAX_NAME_BYTES)}:${randomBytes(6).toString('base64url')}`;
  }

  #endFetches(): void {
    this.#fetches.forEach((fetch) => fetch.end([]));
  }

  #endAll(): void {
    clearTimeout(this.#idleTimer);
    this.#onArrival?.();
    this.#signal?.removeEventListener('abort', this.#aborted);
    this.#endFetches();
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each, index) => each === others[index]);
}

function isNotFound(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === 404;
}
