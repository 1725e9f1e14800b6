import type { Clock } from '../envelope/clock.js';
import type { MessengerLogger } from '../event/logger.js';
import { Backoff } from './backoff.js';

/** An outage that goes on is told of again after this time. */
const REPEAT_MS = 30_000;

/** What cannot be reached, or does not answer: the pauses between the tries, and what the log says. */
export class Outage {
  readonly #clock: Clock;
  readonly #logger: MessengerLogger;
  readonly #backoff = new Backoff();
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, logger: MessengerLogger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Notes a try that failed: an error the first time and every 30 s, else for those who debug. @returns the pause in ms. */
  failed(text: string, error: unknown): number {
    const now = this.#clock.now();
    const isTold = now - this.#toldAt < REPEAT_MS;
    this.#toldAt = isTold ? this.#toldAt : now;
    this.#logger.log(isTold ? 'debug' : 'error', text, { error });
    return this.#backoff.next();
  }

  /** Notes a try that succeeded. */
  ended(text: string): void {
    if (this.#backoff.isActive) {
      this.#backoff.reset();
      this.#toldAt = Number.NEGATIVE_INFINITY;
      this.#logger.log('info', text);
    }
  }
}
