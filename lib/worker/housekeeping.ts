import type { WorkerParts } from './worker-parts.js';

/** How often a worker that works looks after itself, in milliseconds. */
const WORKING_MS = 100;

/** The same for one at rest, for which nothing can change unheard: ten wake-ups a second are most of what its process costs. */
const RESTING_MS = 1000;

/** A look that comes later than this, in milliseconds, says that the event loop stood still, or the process was stopped. */
const TOLERANCE_MS = 100;

/** What a {@link Housekeeping} needs. */
export interface HousekeepingOptions extends Pick<WorkerParts, 'options' | 'stopSignal' | 'clock'> {
  /** When the worker was started, in epoch milliseconds. */
  readonly startedAt: number;
  /** Everything that is to be looked after. It is told by how many milliseconds it comes late. */
  readonly keepHouse: (lateness: number) => void;
  /** Whether the worker waits for messages. */
  readonly isIdle: () => boolean;
}

/** Looks after a worker from time to time. */
export class Housekeeping {
  readonly #options: HousekeepingOptions;
  #timer: NodeJS.Timeout | undefined;
  #isResting = false;
  /** Times of looks, by `performance.now()`: the last one, and the next. */
  #lookedAt = Number.POSITIVE_INFINITY;
  #dueAt = Number.POSITIVE_INFINITY;
  /** When the look before the last was, if the last one came late. */
  #stoodStillSince: number | undefined;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  /**
   * Since when what arrives now may have been waiting to be read, by `performance.now()`: now, unless the process could not read a
   * moment ago.
   */
  get arrivingSince(): number {
    return this.#isLate ? this.#lookedAt : (this.#stoodStillSince ?? performance.now());
  }

  start(): void {
    this.#lookedAt = performance.now();
    this.#schedule(false);
  }

  /** To be called when something happens. */
  wake(): void {
    if (this.#isResting && this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#stoodStillSince = this.#isLate ? this.#lookedAt : this.#stoodStillSince;
      this.#schedule(false);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  get #isLate(): boolean {
    return performance.now() > this.#dueAt + TOLERANCE_MS;
  }

  #schedule(isResting: boolean): void {
    this.#isResting = isResting;
    const pause = isResting ? Math.max(1, Math.min(RESTING_MS, this.#timeLeft)) : WORKING_MS;
    const dueAt = performance.now() + pause;
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => {
      const lateness = performance.now() - dueAt;
      this.#stoodStillSince = this.#isLate ? this.#lookedAt : undefined;
      this.#lookedAt = performance.now();
      this.#schedule(this.#mayRest);
      this.#options.keepHouse(lateness);
    }, pause);
  }

  /** Memory grows unheard of, so its limit allows no rest. */
  get #mayRest(): boolean {
    const { options, stopSignal, isIdle } = this.#options;
    return isIdle() && stopSignal.isPushed && options.memoryLimit === undefined;
  }

  /** Milliseconds until the time limit is reached. */
  get #timeLeft(): number {
    const { options, startedAt, clock } = this.#options;
    return startedAt + (options.timeLimit ?? Number.POSITIVE_INFINITY) - clock.now();
  }
}
