import type { WorkerParts } from './worker-parts.js';

/** How often a worker that works looks after itself, in milliseconds. */
const WORKING_MS = 100;

/** The same for one at rest, for which nothing can change unheard: ten wake-ups a second are most of what its process costs. */
const RESTING_MS = 1000;

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

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#schedule(false);
  }

  /** To be called when something happens. */
  wake(): void {
    if (this.#isResting && this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#schedule(false);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(isResting: boolean): void {
    this.#isResting = isResting;
    const pause = isResting ? Math.max(1, Math.min(RESTING_MS, this.#timeLeft)) : WORKING_MS;
    const dueAt = performance.now() + pause;
    this.#timer = setTimeout(() => {
      const lateness = performance.now() - dueAt;
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
