import type { MessengerLogger } from '../../event/logger.js';
import type { RedisDelayedMover } from './redis.delayed-mover.js';
import { deliveriesOf, entriesOf, type RedisDelivery, textOf } from './redis.delivery.js';
import type { RedisInHand } from './redis.in-hand.js';
import type { RedisKeys } from './redis.keys.js';
import type { ResolvedRedisOptions } from './redis.options.js';
import type { RedisPresence } from './redis.presence.js';
import { type RedisReader, type ReadResult, wakeUpOf } from './redis.reader.js';
import { RedisResumption } from './redis.resumption.js';
import { isRedisError, type RedisSession } from './redis.session.js';
import type { RedisSignals } from './redis.signals.js';
import { RECOVER } from './scripts/receiving.scripts.js';
import { unlessAborted } from './unless-aborted.js';

/** What a {@link RedisConsumer} is made of. */
export interface RedisConsumerSetup {
  readonly session: RedisSession;
  readonly keys: RedisKeys;
  readonly options: ResolvedRedisOptions;
  readonly presence: RedisPresence;
  readonly mover: RedisDelayedMover;
  readonly reader: RedisReader;
  readonly inHand: RedisInHand;
  readonly signals: RedisSignals;
  readonly logger: MessengerLogger | undefined;
  /** Aborted when the transport is closed. */
  readonly closing: AbortSignal;
}

/** Where a look through what is pending begins. */
const BEGINNING = '0-0';

/** How often to look for consumers that are gone, in milliseconds. */
const REMOVE_GONE_EVERY_MS = 60_000;

/** A read that met a group which somebody has deleted tries again with a new one this often. */
const MAX_TRIES = 3;

/**
 * Fetches messages, oldest first:
 *
 * 1. after the start and after a lost connection, those that are pending under the consumer's own name and that this process
 *    does not hold: a predecessor died with them, or their reply was lost;
 * 2. from time to time, and when some were handed back, those that nobody has kept alive;
 * 3. new ones, waiting for them if need be.
 */
export class RedisConsumer {
  readonly #setup: RedisConsumerSetup;
  /** How often the place was taken when it was last looked at what is pending. */
  #takings = 0;
  readonly #resumption: RedisResumption;
  #recoverAfter = BEGINNING;
  #recoverAt = 0;
  #removeGoneAt = 0;
  #deletedCount = 0;
  #waiting = 0;

  constructor(setup: RedisConsumerSetup) {
    this.#setup = setup;
    this.#resumption = new RedisResumption({ ...setup, onDeleted: (count) => this.#noticeDeleted(count) });
  }

  /** How many messages were deleted behind the transport's back before they were settled, as far as was noticed. */
  get deletedCount(): number {
    return this.#deletedCount;
  }

  /** Whether it is being woken now if something happens. */
  get isListening(): boolean {
    return this.#waiting > 0;
  }

  /** Messages were handed back, and may be claimed in `delay` milliseconds. */
  expectReleased(delay: number): void {
    this.#recoverAfter = BEGINNING;
    this.#recoverAt = Math.min(this.#recoverAt, performance.now() + delay);
  }

  /** Up to `max` messages, as soon as there are any within `wait` milliseconds; nothing if `signal` fires before. */
  async next(max: number, wait: number, signal: AbortSignal | undefined): Promise<readonly RedisDelivery[]> {
    const { closing, inHand, presence } = this.#setup;
    const signals = signal === undefined ? [closing] : [closing, signal];
    const deadline = performance.now() + wait;
    for (let tries = 1; ; tries++) {
      try {
        const deliveries = await this.#next(max, deadline, signals);
        inHand.add(deliveries, presence.era);
        return deliveries;
      } catch (error) {
        if (!this.#setup.options.autoSetup || tries >= MAX_TRIES || !isGroupGone(error)) {
          throw error;
        }
        const { logger, keys } = this.#setup;
        logger?.log(
          'warn',
          `The consumer group of stream "${keys.stream}" is gone. It is made anew, at the beginning of the stream.`,
        );
        presence.reset();
      }
    }
  }

  async #next(
    max: number,
    deadline: number,
    signals: readonly AbortSignal[],
  ): Promise<readonly RedisDelivery[]> {
    await this.#takePlace(signals);
    for (;;) {
      if (signals.some(({ aborted }) => aborted)) {
        return [];
      }
      const pending = await this.#pending(max);
      if (pending.length > 0) {
        return pending;
      }
      const now = performance.now();
      const result =
        deadline <= now
          ? await this.#read(max)
          : await this.#wait(max, Math.min(deadline, this.#recoverAt) - now, signals);
      this.#heed(result);
      const deliveries = this.#unheld(result);
      if (deliveries.length > 0 || performance.now() >= deadline) {
        return deliveries;
      }
    }
  }

  async #takePlace(signals: readonly AbortSignal[]): Promise<void> {
    const { presence, mover } = this.#setup;
    if (presence.isOpen && presence.takings === this.#takings) {
      return;
    }
    // To wait for a sign of life of another holder takes seconds.
    const takings = await unlessAborted(presence.open(), signals);
    if (takings !== undefined && takings !== this.#takings) {
      this.#takings = takings;
      this.#resumption.begin();
      mover.look();
    }
  }

  async #pending(max: number): Promise<readonly RedisDelivery[]> {
    const resumed = this.#resumption.isThrough ? [] : await this.#resumption.next(max);
    if (resumed.length > 0) {
      return resumed;
    }
    return performance.now() >= this.#recoverAt ? this.#recover(max) : [];
  }

  /** What nobody has kept alive. Goes on with the next fetch if there is more. */
  async #recover(max: number): Promise<readonly RedisDelivery[]> {
    const { session, keys, options, presence } = this.#setup;
    const { group, consumer, redeliverTimeout, claimInterval } = options;
    const idle = Math.round(redeliverTimeout * 1000);
    for (;;) {
      const args = [group, consumer, idle, this.#recoverAfter, max];
      const reply = await session.runBuffer(RECOVER, [keys.stream], args);
      const [cursor, deleted, recovered] = reply as readonly [unknown, number, unknown];
      this.#noticeDeleted(deleted);
      this.#recoverAfter = textOf(cursor);
      const isThrough = this.#recoverAfter === BEGINNING;
      if (isThrough) {
        this.#recoverAt = performance.now() + claimInterval;
      }
      const deliveries = deliveriesOf(recovered);
      if (deliveries.length > 0 || isThrough) {
        if (performance.now() >= this.#removeGoneAt) {
          this.#removeGoneAt = performance.now() + REMOVE_GONE_EVERY_MS;
          await presence.removeGone();
        }
        return deliveries;
      }
    }
  }

  /** New messages, at once. */
  async #read(max: number): Promise<ReadResult> {
    const { session, keys, options, presence } = this.#setup;
    const { group, consumer } = options;
    const where = ['STREAMS', keys.stream, presence.wakeUps, '>', '>'] as const;
    const reply = await session.callBuffer('xreadgroup', 'GROUP', group, consumer, 'COUNT', max, ...where);
    const entries = entriesOf(reply);
    return {
      deliveries: entries.get(keys.stream) ?? [],
      wakeUps: (entries.get(presence.wakeUps) ?? []).map(wakeUpOf),
    };
  }

  /** New messages, as soon as there are any. */
  async #wait(max: number, wait: number, signals: readonly AbortSignal[]): Promise<ReadResult> {
    const { session, keys, reader, presence } = this.#setup;
    this.#waiting += 1;
    try {
      return await reader.read({ stream: keys.stream, wakeUps: presence.wakeUps, max, wait, signals });
    } catch (error) {
      throw session.errorOf(error);
    } finally {
      this.#waiting -= 1;
    }
  }

  /** A group that was made anew hands out everything again, also what is being handled. */
  #unheld({ deliveries }: ReadResult): readonly RedisDelivery[] {
    return deliveries.filter(({ id }) => !this.#setup.inHand.has(id));
  }

  /** Does what it was woken for. */
  #heed({ wakeUps }: ReadResult): void {
    if (wakeUps.length === 0) {
      return;
    }
    const { presence, mover, signals } = this.#setup;
    presence.woken(wakeUps.map(({ id }) => id));
    for (const { reason, value } of wakeUps) {
      if (reason === 'delayed') {
        mover.look();
      } else if (reason === 'released') {
        this.expectReleased(Number(value));
      } else if (reason === 'signal') {
        signals.heard();
      }
    }
  }

  #noticeDeleted(count: number): void {
    if (count > 0) {
      this.#deletedCount += count;
      const { logger, keys, session } = this.#setup;
      logger?.log(
        'warn',
        `Transport "${session.transportName}": ${count} message(s) of the stream "${keys.stream}" were deleted from outside ` +
          'before they were handled, for instance by XDEL or XTRIM.',
      );
    }
  }
}

/** The group is gone; or its stream, while Redis waited for it. */
function isGroupGone(error: unknown): boolean {
  return isRedisError(error, 'NOGROUP') || isRedisError(error, 'UNBLOCKED');
}
