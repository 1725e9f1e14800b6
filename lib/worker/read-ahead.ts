/** The most messages that are ever held without being started. */
const MAX_PREFETCH = 200;

/** How much work is read ahead, in milliseconds of handling. */
const TARGET_MS = 100;

/** How strongly a new measurement counts; a slower one counts more, so that the window closes faster than it opens. */
const WEIGHT = { faster: 0.1, slower: 0.5 };

/**
 * How many messages a worker claims beyond those it handles. Fetching many at once is what makes quick handlers quick; but a
 * message that is held cannot be taken by another worker. So by default the window holds about 100 ms of work, measured:
 * it opens, doubling, while handlers are quick, and closes for slow ones. A fixed window is used as it is.
 */
export class ReadAhead {
  readonly #fixed: number | undefined;
  readonly #concurrency: number;
  #window = 0;
  #averageMs: number | undefined;

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

  /** Learns how long one message occupied its slot. */
  observe(durationMs: number): void {
    const average = this.#averageMs ?? durationMs;
    const weight = durationMs > average ? WEIGHT.slower : WEIGHT.faster;
    this.#averageMs = average + weight * (durationMs - average);
  }

  /** Adapts the window; called before each fetch. */
  adapt(): void {
    if (this.#averageMs !== undefined) {
      const wanted = Math.floor((TARGET_MS * this.#concurrency) / Math.max(this.#averageMs, 0.001));
      this.#window = Math.min(wanted, MAX_PREFETCH, Math.max(1, this.#window * 2, this.#concurrency));
    }
  }

  /** Closes the window after messages had to be given back unstarted. */
  collapse(): void {
    this.#window = 0;
    this.#averageMs = undefined;
  }
}
