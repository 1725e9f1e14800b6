/** For how long claims begin where the one before has ended, in milliseconds. */
const TRUSTED_MS = 500;

/** Where the claims on a queue begin. */
interface Start {
  /** The time from which rows are looked at. */
  readonly from: number;
  /** By `performance.now()`. */
  readonly until: number;
}

/**
 * Lets claims begin where the one before has ended, while there is more than one of them can take.
 *
 * InnoDB removes deleted rows from an index later, and by then each claim passes over all that were claimed before: the more of them, the
 * faster messages are handled. What is free again at an earlier place is found when all is looked at again, half a second later.
 */
export class ClaimStarts {
  readonly #starts = new Map<string, Start>();
  readonly #trusted: number;

  /** @param trusted for how long claims begin where the one before has ended, in milliseconds. @default 500 */
  constructor(trusted: number = TRUSTED_MS) {
    this.#trusted = trusted;
  }

  /** The time from which rows of a queue are to be looked at; 0 for all. */
  of(queue: string): number {
    const start = this.#starts.get(queue);
    if (start !== undefined && performance.now() < start.until) {
      return start.from;
    }
    this.#starts.delete(queue);
    return 0;
  }

  /** A claim has taken all it could, up to the time `last`. */
  note(queue: string, last: number): void {
    const { until = performance.now() + this.#trusted } = this.#starts.get(queue) ?? {};
    this.#starts.set(queue, { from: last, until });
  }

  /** Looks at all rows again. */
  forget(queue: string): void {
    this.#starts.delete(queue);
  }

  /** The same for all queues. */
  forgetAll(): void {
    this.#starts.clear();
  }
}
