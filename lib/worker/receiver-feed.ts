import type { Clock } from '../envelope/clock.js';
import type { Envelope } from '../envelope/envelope.js';
import { isThrown } from '../errors/is-thrown.js';
import { NotConsumableError } from '../errors/not-consumable.error.js';
import type { MessengerLogger } from '../event/logger.js';
import type { MessengerEvents } from '../event/messenger-events.js';
import { WorkerRateLimitedEvent } from '../event/worker-rate-limited.event.js';
import type { Settler } from '../transport/settler.js';
import type { GetOptions, Receiver } from '../transport/transport.js';
import { assertEnvelopes } from './assert-envelopes.js';
import { Backoff } from './backoff.js';
import { giveBack } from './give-back.js';
import { HeldLease } from './held-lease.js';
import { isSettledWithin } from './is-settled-within.js';
import { PollRecord } from './poll-record.js';
import type { RateLimiter } from './rate-limiter.js';
import type { ReadAhead } from './read-ahead.js';

/** Who hears of what happens to a {@link ReceiverFeed}. */
export interface FeedListener {
  /** Called whenever messages have arrived or may be fetched again. */
  readonly onChange: () => void;
  /** Called when the worker cannot consume the transport, however often it tries. */
  readonly onRefused: (error: NotConsumableError) => void;
  /** See `Housekeeping`. */
  readonly arrivingSince: () => number;
}

/** What a {@link ReceiverFeed} needs. */
export interface ReceiverFeedOptions extends FeedListener {
  readonly name: string;
  readonly receiver: Receiver;
  readonly settler: Settler;
  readonly readAhead: ReadAhead;
  readonly concurrency: number;
  readonly fetchSize: number | undefined;
  readonly sleep: number;
  readonly queues: readonly string[] | undefined;
  /** Whether an answer with fewer messages than asked for says that there are no more. */
  readonly emptiedByFewer: boolean;
  readonly rateLimiter: RateLimiter | undefined;
  readonly clock: Clock;
  readonly events: MessengerEvents;
  readonly logger: MessengerLogger;
}

/** A transport that stays out of reach is told of again after this time. */
const REPEAT_FAILURE_MS = 30_000;

/** How long a transport is asked to wait that has shown that it can, in milliseconds: each wait that ends costs a little. */
const LONG_WAIT_MS = 5000;

/** Messages held this long without being started go back to their transport, where other workers can take them. */
const STALLED_AFTER_MS = 1000;

/**
 * The messages of one transport on their way into a worker: it fetches, with at most one fetch at a time, and holds what
 * was fetched until the worker starts it.
 *
 * A fetch either asks (answered at once) or, when the transport is known to be empty, waits. Only a transport that is
 * waiting lets those after it fetch: that is what makes the order of receivers a strict priority.
 */
export class ReceiverFeed {
  readonly name: string;
  readonly receiver: Receiver;
  readonly settler: Settler;
  readonly readAhead: ReadAhead;
  readonly polls: PollRecord;
  readonly lease: HeldLease;
  /** Messages of this feed that occupy a slot. */
  running = 0;
  readonly #options: ReceiverFeedOptions;
  readonly #stopping = new AbortController();
  readonly #backoff = new Backoff();
  #buffer: Envelope[] = [];
  #bufferedAt = 0;
  #fetch: 'none' | 'asking' | 'waiting' = 'none';
  #fetched: Promise<void> = Promise.resolve();
  #isKnownEmpty = false;
  #canWait = false;
  #failureLoggedAt = Number.NEGATIVE_INFINITY;
  #cancelPause: (() => void) | undefined;

  constructor(options: ReceiverFeedOptions) {
    this.name = options.name;
    this.receiver = options.receiver;
    this.settler = options.settler;
    this.readAhead = options.readAhead;
    this.polls = new PollRecord(options.name, options.clock);
    this.lease = new HeldLease(options.receiver);
    this.#options = options;
  }

  /** Messages fetched and not started. */
  get buffered(): readonly Envelope[] {
    return this.#buffer;
  }

  /** Whether there is a message to start that is still its worker's. */
  get isStartable(): boolean {
    return this.#buffer.length > 0 && !this.lease.mayHaveEnded;
  }

  /** Whether there is nothing to do for now: nothing held, and a fetch that waits or must not be made yet. */
  get isQuiet(): boolean {
    return this.#buffer.length === 0 && (this.#fetch === 'waiting' || this.#cancelPause !== undefined);
  }

  /** Whether there is nothing to do since the transport had nothing when it was last asked. */
  get isIdle(): boolean {
    return this.isQuiet && this.#isKnownEmpty;
  }

  /** Messages were stored since the transport was last asked: it counts as empty only when it was asked again. */
  expectMessages(): void {
    this.#isKnownEmpty = false;
  }

  /** The next message to start. */
  take(): Envelope | undefined {
    return this.#buffer.shift();
  }

  /** @param at when the transport was asked to prolong the leases of what is held, by `performance.now()`. */
  prolonged(at: number): void {
    this.lease.prolonged(at);
    this.#options.onChange();
  }

  /** Drops messages that were lost before they were started. Returns whether there were any. */
  drop(isLost: (envelope: Envelope) => boolean): boolean {
    const { length } = this.#buffer;
    this.#buffer = this.#buffer.filter((envelope) => !isLost(envelope));
    return this.#buffer.length < length;
  }

  /**
   * Fetches if there is room.
   *
   * @param allowance how many more messages the worker may start at all.
   * @returns whether feeds of lower priority may fetch, because this one has nothing.
   */
  replenish(allowance: number): boolean {
    if (this.#cancelPause !== undefined || this.#fetch === 'waiting') {
      return true;
    }
    const { concurrency, fetchSize = Number.POSITIVE_INFINITY } = this.#options;
    const isLow = this.#buffer.length <= this.readAhead.window / 2;
    if (this.#fetch === 'asking' || !isLow) {
      return false;
    }
    this.readAhead.adapt();
    const room = concurrency + this.readAhead.window - this.running - this.#buffer.length;
    const max = Math.min(room, allowance - this.#buffer.length, fetchSize);
    return max > 0 && this.#startFetch(max, this.#isKnownEmpty && this.#buffer.length === 0 ? this.#wait : 0);
  }

  /** Gives messages back that were held too long: those being handled are slower than was expected. */
  async giveBackStalled(): Promise<void> {
    const isStalled = this.#buffer.length > 0 && performance.now() - this.#bufferedAt > STALLED_AFTER_MS;
    if (isStalled && this.readAhead.isAutomatic) {
      this.readAhead.collapse();
      await this.#giveBack();
    }
  }

  /**
   * Ends fetching and gives back what was not started. Never rejects.
   *
   * @param grace how long to wait for a transport that does not heed the signal, in milliseconds.
   */
  async stop(grace: number): Promise<void> {
    this.#stopping.abort();
    this.#cancelPause?.();
    if (!(await isSettledWithin(grace, this.#fetched))) {
      this.#options.logger.log('error', `Transport "${this.name}" did not end its fetch within ${grace} ms.`);
    }
    if (!(await isSettledWithin(grace, this.#giveBack()))) {
      this.#options.logger.log(
        'error',
        `Transport "${this.name}" did not take its messages back within ${grace} ms.`,
      );
    }
  }

  get #sleep(): number {
    return Math.max(this.#options.sleep, 1);
  }

  get #wait(): number {
    return this.#canWait ? Math.max(this.#sleep, LONG_WAIT_MS) : this.#sleep;
  }

  /** @returns whether this feed has nothing for now, as far as is known. */
  #startFetch(max: number, wait: number): boolean {
    const { rateLimiter, clock } = this.#options;
    const permit = rateLimiter?.take(max, clock.now()) ?? { granted: max, retryAfter: 0 };
    if (permit.granted === 0) {
      this.#limit(permit.retryAfter);
      return true;
    }
    this.#fetch = wait > 0 ? 'waiting' : 'asking';
    this.#fetched = this.#get(permit.granted, wait);
    return wait > 0;
  }

  /** Never rejects. */
  async #get(max: number, wait: number): Promise<void> {
    const { receiver, queues, rateLimiter, clock } = this.#options;
    const options: GetOptions = { max, wait, signal: this.#stopping.signal, ...(queues && { queues }) };
    const startedAt = this.polls.began(wait);
    const askedAt = performance.now();
    let pause = 0;
    try {
      const envelopes = assertEnvelopes(this.name, await receiver.get(options));
      rateLimiter?.giveBack(max - envelopes.length);
      this.#arrive(envelopes, max, wait > 0 ? Math.max(askedAt, this.#options.arrivingSince()) : askedAt);
      // Not below zero if the clock was set back meanwhile: the pause would last for as long.
      const elapsed = Math.max(0, clock.now() - startedAt);
      const isEmpty = wait > 0 && envelopes.length === 0;
      this.#canWait ||= isEmpty && elapsed >= wait;
      // Returned empty-handed before its time: a transport that cannot wait. The pause is ours to make.
      pause = isEmpty ? Math.min(wait, this.#sleep) - elapsed : 0;
    } catch (error) {
      rateLimiter?.giveBack(max);
      pause = this.#fetchFailed(error);
    }
    if (wait === 0) {
      // A turn of the event loop for each fetch, so that timers and sockets get theirs however quick the handlers are. One
      // that was waited for has had its own.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#fetch = 'none';
    if (!this.#stopping.signal.aborted) {
      this.#pause(pause);
      this.#options.onChange();
    }
  }

  #arrive(envelopes: readonly Envelope[], max: number, leasedAt: number): void {
    this.polls.answered();
    if (this.#backoff.isActive) {
      this.#backoff.reset();
      this.#failureLoggedAt = Number.NEGATIVE_INFINITY;
      this.#options.logger.log('info', `Transport "${this.name}" answers again.`);
    }
    this.#isKnownEmpty = envelopes.length < (this.#options.emptiedByFewer ? max : 1);
    if (envelopes.length > 0) {
      this.#bufferedAt = performance.now();
      this.lease.began(leasedAt, this.#buffer.length === 0);
      this.#buffer.push(...envelopes);
    }
  }

  #fetchFailed(error: unknown): number {
    if (isThrown(error, NotConsumableError)) {
      this.#options.onRefused(error);
      return 0;
    }
    this.polls.failed(error);
    const pause = this.#backoff.next();
    const now = performance.now();
    const isTold = now - this.#failureLoggedAt < REPEAT_FAILURE_MS;
    this.#failureLoggedAt = isTold ? this.#failureLoggedAt : now;
    this.#isKnownEmpty = false;
    this.#options.logger.log(
      isTold ? 'debug' : 'error',
      `Transport "${this.name}" cannot be read; trying again until it answers.`,
      { error },
    );
    return pause;
  }

  #limit(retryAfter: number): void {
    const { events, logger, name } = this.#options;
    logger.log('debug', `Transport "${name}" has used up its rate limit for ${retryAfter} ms.`);
    if (events.hasListeners(WorkerRateLimitedEvent)) {
      void events.notify(new WorkerRateLimitedEvent(name, retryAfter));
    }
    this.#pause(retryAfter);
  }

  #pause(ms: number): void {
    if (ms >= 1) {
      this.#cancelPause = this.#options.clock.setTimer(() => {
        this.#cancelPause = undefined;
        this.#options.onChange();
      }, ms);
    }
  }

  #giveBack(): Promise<void> {
    const unstarted = this.#buffer;
    this.#buffer = [];
    return giveBack(this, unstarted, this.#options.logger);
  }
}
