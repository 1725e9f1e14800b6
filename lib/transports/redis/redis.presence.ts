import type { MessengerLogger } from '../../event/logger.js';
import { quoted } from '../../errors/quoted.js';
import { NotConsumableError } from '../../errors/not-consumable.error.js';
import type { RedisConsumerLease } from './redis.consumer-lease.js';
import { dangersOf } from './redis.dangers.js';
import type { RedisKeys } from './redis.keys.js';
import type { ResolvedRedisOptions } from './redis.options.js';
import type { RedisSession } from './redis.session.js';
import { JOIN, LEAVE, REMOVE_GONE, SET_UP } from './scripts/presence.scripts.js';

/** How often a consumer shows that it is there, in milliseconds. */
const HEARTBEAT_MS = 5000;

/** How long the wake-up stream of a consumer lasts that has ended without a word, in milliseconds. */
const WAKE_UP_MS = 60_000;

/** What a {@link RedisPresence} is made of. */
export interface RedisPresenceSetup {
  readonly session: RedisSession;
  readonly keys: RedisKeys;
  readonly options: ResolvedRedisOptions;
  readonly lease: RedisConsumerLease;
  readonly logger: MessengerLogger | undefined;
  /** Aborted when the transport is closed. */
  readonly closing: AbortSignal;
}

/**
 * A consumer's place in its group, from its first fetch until it is closed: its name, which nobody else may have, the group, and
 * the stream by which it is woken.
 */
export class RedisPresence {
  readonly #setup: RedisPresenceSetup;
  /** The key of its wake-up stream. */
  readonly wakeUps: string;
  #opened: Promise<void> | undefined;
  #losses = -1;
  #takings = 0;
  #isTaken = false;
  #heartbeat: NodeJS.Timeout | undefined;
  #refusal: NotConsumableError | undefined;
  #woken: string[] = [];
  #hasWarned = false;
  #era = '';
  #lastDelivered = '0-0';

  constructor(setup: RedisPresenceSetup) {
    this.#setup = setup;
    this.wakeUps = setup.keys.wake(setup.options.group, setup.options.consumer);
  }

  /**
   * Takes the place, or takes it again after a connection was lost.
   *
   * @returns how often it was taken; each time, what is pending under the name has to be looked at.
   * @throws ConsumerInUseError when another live worker has the name; TransportError.
   */
  async open(): Promise<number> {
    if (this.#refusal !== undefined) {
      throw this.#refusal;
    }
    if (this.#opened !== undefined && this.#hasConnection) {
      await this.#opened;
      return this.#takings;
    }
    this.#losses = this.#setup.session.connection.losses;
    this.#isTaken = false;
    const opened = this.#open();
    this.#opened = opened;
    try {
      await opened;
      this.#isTaken = true;
      return ++this.#takings;
    } catch (error) {
      this.#opened = undefined;
      throw error;
    }
  }

  /** How often the place was taken. */
  get takings(): number {
    return this.#takings;
  }

  /** Whether the place is taken, so that {@link open} would do nothing. */
  get isOpen(): boolean {
    return this.#isTaken && this.#refusal === undefined && this.#hasConnection;
  }

  get #hasConnection(): boolean {
    return this.#losses === this.#setup.session.connection.losses;
  }

  /** When the consumer group was made, as far as is known. What it handed out is pending no more once there is a new one. */
  get era(): string {
    return this.#era;
  }

  /** The last entry that the group had handed out when the place was taken. What is beyond came to this process since. */
  get lastDelivered(): string {
    return this.#lastDelivered;
  }

  /** Whether the consumer group is not the one of `era` any more, because somebody has deleted that. */
  async isOver(era: string): Promise<boolean> {
    const { session, keys } = this.#setup;
    return ((await session.call('hget', keys.signals, this.#eraField)) ?? '') !== era;
  }

  /** Creates the consumer group, without taking a place in it. */
  async setup(): Promise<void> {
    const { session, keys, options } = this.#setup;
    await session.run(SET_UP, [keys.stream, keys.signals], [options.group, this.#eraField]);
  }

  /** The group or the wake-up stream is gone, because somebody has deleted it: the next {@link open} makes them anew. */
  reset(): void {
    this.#opened = undefined;
    this.#isTaken = false;
  }

  /** Entries of the wake-up stream that were read. */
  woken(ids: readonly string[]): void {
    this.#woken.push(...ids);
  }

  /** Removes consumers that are gone and hold nothing. Never rejects: there is always a next time. */
  async removeGone(): Promise<void> {
    const { session, keys, options, logger } = this.#setup;
    const { group, redeliverTimeout } = options;
    const idle = Math.max(redeliverTimeout * 1000, 2 * HEARTBEAT_MS);
    const args = [group, keys.lease(group, ''), Math.ceil(idle)];
    try {
      const removed = (await session.run(REMOVE_GONE, [keys.stream], args)) as readonly string[];
      if (removed.length > 0) {
        logger?.log('info', `Removed consumers of "${keys.stream}" that are gone: ${quoted(removed)}.`);
      }
    } catch (error) {
      logger?.log('debug', `Could not look for consumers of "${keys.stream}" that are gone.`, { error });
    }
  }

  /** Leaves the group. Never rejects: what is left behind expires. */
  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    const { session, keys, options, lease } = this.#setup;
    if (lease.says === '') {
      return;
    }
    const { group, consumer } = options;
    const names = [keys.stream, keys.readers, this.wakeUps, keys.lease(group, consumer)];
    await session.run(LEAVE, names, [group, consumer, lease.says]).catch(() => undefined);
  }

  async #open(): Promise<void> {
    const { lease, closing } = this.#setup;
    try {
      await lease.acquire(closing);
    } catch (error) {
      throw this.#refused(error);
    }
    await this.#createStreams();
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      await this.#warn();
    }
    this.#heartbeat ??= setInterval(() => void this.#beat(), HEARTBEAT_MS).unref();
    if (closing.aborted) {
      await this.close();
    }
  }

  async #createStreams(): Promise<void> {
    const { session, keys, options } = this.#setup;
    const { group, autoSetup } = options;
    const args = [group, this.#eraField, WAKE_UP_MS, autoSetup ? '1' : '0'];
    const reply = await session.run(JOIN, [keys.stream, keys.signals, this.wakeUps], args);
    [this.#era, this.#lastDelivered] = reply as [string, string];
  }

  get #eraField(): string {
    return `made:${this.#setup.options.group}`;
  }

  async #warn(): Promise<void> {
    const { session, keys, options, logger } = this.#setup;
    const dangers = await dangersOf(session, keys, options);
    dangers.forEach(({ problem, remedy }) =>
      logger?.log('warn', `Transport "${session.transportName}": ${problem} ${remedy}`),
    );
  }

  /** Never rejects. */
  async #beat(): Promise<void> {
    const { session, lease, options, logger } = this.#setup;
    const woken = this.#woken;
    this.#woken = [];
    try {
      await lease.renew();
      await session.pipeline([
        ['pexpire', this.wakeUps, WAKE_UP_MS],
        ...(woken.length > 0 ? [['xack', this.wakeUps, options.group, ...woken]] : []),
      ]);
    } catch (error) {
      this.#refused(error);
      logger?.log('debug', `Transport "${session.transportName}" could not show that it is there.`, {
        error,
      });
    }
  }

  /** Another worker has the name, for good: it is not given back by waiting. */
  #refused(error: unknown): unknown {
    if (error instanceof NotConsumableError) {
      this.#refusal = error;
      clearInterval(this.#heartbeat);
    }
    return error;
  }
}
