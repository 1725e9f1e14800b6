import type { Clock } from '../envelope/clock.js';

/** What a pause of the machine, or a slow message, has cost is caught up with at once up to this, in milliseconds. */
const MOST_CAUGHT_UP_MS = 100;

/** Lets one through at a time, evenly. */
export class Pace {
  readonly #interval: number;
  readonly #clock: Clock;
  #next: number | undefined;

  /** @param interval milliseconds from one to the next; 0: no limit. */
  constructor(interval: number, clock: Clock) {
    this.#interval = interval;
    this.#clock = clock;
  }

  /** Resolves when it is the next one's turn, or `signal` fires. */
  async turn(signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    const caughtUp = Math.max(0, MOST_CAUGHT_UP_MS - this.#interval);
    // Never more than one interval away, also if the clock was set back.
    const at = Math.min(Math.max(this.#next ?? now, now - caughtUp), now + this.#interval);
    this.#next = at + this.#interval;
    if (at > now && !signal.aborted) {
      await this.#until(at - now, signal);
    }
  }

  #until(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.#clock.setTimer(end, ms);
      signal.addEventListener('abort', end);
    });
  }
}
