/** The most messages that are ever held without being started. */
const MAX_PREFETCH = 500;

/** The most that held messages may weigh together, by the average of those before: 8 MiB. */
const MAX_BYTES = 8 * 1024 * 1024;

/** How much work is read ahead, in milliseconds of handling. */
const TARGET_MS = 100;

/** How strongly a new measurement counts; a slower one counts more, so that the window closes faster than it opens. */
const WEIGHT = { faster: 0.1, slower: 0.5 };

/**
 * How many messages a worker claims beyond those it handles. Fetching many at once is what makes quick handlers quick; but a
 * message that is held cannot be taken by another worker. So by default the window holds about 100 ms of work, measured:
 * it opens, doubling, while handlers are quick and messages small, and closes for slow or big ones. A fixed window is used
 * as it is.
 */
export class ReadAhead {
  readonly #fixed: number | undefined;
  readonly #concurrency: number;
  #window = 0;
  #averageMs: number | undefined;
  #averageBytes = 0;

  /** @param prefetch a fixed window, 0 for none, or `'auto'`. */
  constructor(prefetch: number | 'auto', concurrency: number) {
    this.#fixed = prefetch === 'auto' ? undefined : prefetch;
    this.#concurrency = concurrency;
  }

  get isAutomatic(): boolean {
    return this.#fixed === undefined;
  }

  /** Messages that may be held without being started. */
  get window(): number {
    return this.#fixed ?? this.#window;
  }

  /** Learns how long one message occupied its slot, and how large its body was. */
  observe(durationMs: number, bytes = 0): void {
    this.#averageMs = learned(this.#averageMs ?? durationMs, durationMs);
    this.#averageBytes = learned(this.#averageBytes, bytes);
  }

  /** Adapts the window; called before each fetch. */
  adapt(): void {
    if (this.#averageMs !== undefined) {
      const byTime = Math.floor((TARGET_MS * this.#concurrency) / Math.max(this.#averageMs, 0.001));
      const bySize = Math.floor(MAX_BYTES / Math.max(this.#averageBytes, 1));
      this.#window = Math.min(byTime, bySize, MAX_PREFETCH, Math.max(1, this.#window * 2, this.#concurrency));
    }
  }

  /** Closes the window after messages had to be given back unstarted. */
  collapse(): void {
    this.#window = 0;
    this.#averageMs = undefined;
  }
}

function learned(average: number, measured: number): number {
  const weight = measured > average ? WEIGHT.slower : WEIGHT.faster;
  return average + weight * (measured - average);
}
