import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../envelope/clock.js';

interface Timer {
  readonly dueAt: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now: number;
  /** In the order in which they were set. */
  readonly #timers = new Set<Timer>();

  /** @param start what the clock shows at first, as an epoch in milliseconds or a date. @default 2030-01-01 00:00 UTC */
  constructor(start: number | Date = Date.UTC(2030, 0, 1)) {
    this.#now = Number(start);
  }

  now(): number {
    return this.#now;
  }

  setTimer(callback: () => void, ms: number): () => void {
    const timer: Timer = { dueAt: this.#now + Math.max(0, ms), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** When the next timer will fire, as an epoch in milliseconds; nothing if none is set. */
  get nextTimerAt(): number | undefined {
    return this.#next(Number.POSITIVE_INFINITY)?.dueAt;
  }

  /**
   * Moves time on by `ms` milliseconds. Timers that fall due fire in order, each at its own time, and what they set off
   * runs before time moves on: a timer set meanwhile fires too if it is due by the end.
   *
   * @param ms zero or more; with zero, timers that are due already fire.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.dueAt);
      timer.callback();
      // One turn of the event loop: every promise that can be settled is.
      await setImmediate();
    }
    this.#now = Math.max(this.#now, end);
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAt <= end && (next === undefined || timer.dueAt < next.dueAt)) {
        next = timer;
      }
    }
    return next;
  }
}
