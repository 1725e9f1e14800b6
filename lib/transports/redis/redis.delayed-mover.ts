import type { MessengerLogger } from '../../event/logger.js';
import type { RedisKeys } from './redis.keys.js';
import type { RedisSession } from './redis.session.js';
import { MOVE_DUE } from './scripts/sending.scripts.js';

/** The most messages that one run of the script moves, since nothing else happens in Redis meanwhile. */
const BATCH = 250;

/** The shortest time between two looks, in milliseconds: messages that are due one after the other are moved together. */
const SHORTEST_PAUSE_MS = 1;

/**
 * How long to wait at the most before the next look, in milliseconds. Who delays a message wakes the consumers that would look
 * too late; foreign producers do not.
 */
const LONGEST_PAUSE_MS = 1000;

/**
 * Moves delayed messages into the stream when they are due, for as long as this process consumes it. Every consumer does, so it
 * does not matter which of them is busy or dies; a message is moved once, in one atomic step.
 */
export class RedisDelayedMover {
  readonly #session: RedisSession;
  readonly #keys: RedisKeys;
  readonly #wakeUps: string;
  readonly #logger: MessengerLogger | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isAsked = false;
  #isClosed = false;

  /** @param wakeUps the key of the stream by which this consumer is woken. */
  constructor(session: RedisSession, keys: RedisKeys, wakeUps: string, logger: MessengerLogger | undefined) {
    this.#session = session;
    this.#keys = keys;
    this.#wakeUps = wakeUps;
    this.#logger = logger;
  }

  /** Begins, or looks at once because something has changed. */
  look(): void {
    if (this.#running !== undefined) {
      this.#isAsked = true;
    } else if (!this.#isClosed) {
      clearTimeout(this.#timer);
      this.#running = this.#move().then((pause) => {
        this.#running = undefined;
        this.#pause(this.#isAsked ? 0 : pause);
        this.#isAsked = false;
      });
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #pause(ms: number): void {
    if (!this.#isClosed) {
      this.#timer = setTimeout(() => this.look(), Math.min(ms, LONGEST_PAUSE_MS)).unref();
    }
  }

  /** Resolves with the milliseconds to the next look. Never rejects. */
  async #move(): Promise<number> {
    const { stream, readers, delayed, held } = this.#keys;
    try {
      for (;;) {
        const answer = await this.#session.run(
          MOVE_DUE,
          [stream, readers, delayed, held],
          [BATCH, this.#wakeUps],
        );
        const [isMore, next] = answer as readonly [number, number];
        if (isMore === 0 || this.#isClosed) {
          return next === -1 ? LONGEST_PAUSE_MS : Math.max(next, SHORTEST_PAUSE_MS);
        }
      }
    } catch (error) {
      const { transportName } = this.#session;
      this.#logger?.log('debug', `Transport "${transportName}" could not look for delayed messages.`, {
        error,
      });
      return LONGEST_PAUSE_MS;
    }
  }
}
