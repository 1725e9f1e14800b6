import type { Clock } from '../envelope/clock.js';
import type { Retried } from './bulk-retry.js';
import { durationText } from './duration-text.js';
import type { Output } from './output.js';

/** So often the line is written anew at the most, in milliseconds. */
const EVERY_MS = 100;

/** The line of a terminal that tells how far a bulk retry is, how fast it goes, and how long it will take. */
export class RetryProgress {
  readonly #output: Output;
  readonly #total: number;
  readonly #clock: Clock;
  readonly #startedAt: number;
  #done = 0;
  #failed = 0;
  #shownAt: number | undefined;

  constructor(output: Output, total: number, clock: Clock) {
    this.#output = output;
    this.#total = total;
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  add({ outcome }: Retried): void {
    this.#done += 1;
    this.#failed += outcome === 'failed' ? 1 : 0;
    const now = this.#clock.now();
    if (this.#shownAt === undefined || now - this.#shownAt >= EVERY_MS) {
      this.#shownAt = now;
      this.#output.showStatus(this.#text(now - this.#startedAt));
    }
  }

  end(): void {
    this.#output.showStatus(undefined);
  }

  #text(elapsed: number): string {
    const failed = this.#failed === 0 ? '' : `, ${this.#failed} failed again`;
    const done = `${this.#done} of ${this.#total} done${failed}`;
    // The first few say nothing about the others.
    if (elapsed < 1000) {
      return done;
    }
    const perSecond = (this.#done * 1000) / elapsed;
    const left = ((this.#total - this.#done) * 1000) / perSecond;
    return `${done}; ${perSecond >= 10 ? Math.round(perSecond) : perSecond.toFixed(1)}/s, ${durationText(left)} left`;
  }
}
