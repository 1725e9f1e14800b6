/**
 * Collects what arrives in one turn of the event loop and hands it over together, so that many callers share one
 * command. A lone item waits for the end of the running microtasks only, never for a timer.
 *
 * Each caller's promise settles with its own result. If `flush` rejects, every caller of that flush is rejected.
 * Flushes do not overlap: what arrives during one goes with the next.
 */
export class Gatherer<Item, Result> {
  readonly #flush: (items: readonly Item[]) => Promise<readonly Result[]> | readonly Result[];
  readonly #maxItems: number;
  #waiting: Array<Waiting<Item, Result>> = [];
  #scheduled = false;
  #running: Promise<void> | undefined;

  /**
   * @param flush stores the items and answers with one result for each, in their order.
   * @param maxItems the most items for one flush.
   */
  constructor(
    flush: (items: readonly Item[]) => Promise<readonly Result[]> | readonly Result[],
    maxItems: number = Number.POSITIVE_INFINITY,
  ) {
    this.#flush = flush;
    this.#maxItems = maxItems;
  }

  add(item: Item): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves when everything added so far has been flushed. Never rejects: the callers of `add` learn of errors. */
  async drained(): Promise<void> {
    while (this.#waiting.length > 0 || this.#running !== undefined) {
      await (this.#running ?? new Promise<void>((resolve) => setImmediate(resolve)));
    }
  }

  #schedule(): void {
    if (this.#scheduled || this.#running !== undefined) {
      return;
    }
    this.#scheduled = true;
    // Once the microtasks of this turn are done, so that callers which resume one after the other are gathered too.
    queueMicrotask(() => {
      process.nextTick(() => {
        this.#scheduled = false;
        this.#start();
      });
    });
  }

  #start(): void {
    const batch = this.#waiting.splice(0, this.#maxItems);
    if (batch.length === 0) {
      return;
    }
    let outcome: Promise<readonly Result[]> | readonly Result[];
    try {
      outcome = this.#flush(batch.map((waiting) => waiting.item));
    } catch (error) {
      rejectAll(batch, error);
      this.#next();
      return;
    }
    if (!(outcome instanceof Promise)) {
      resolveAll(batch, outcome);
      this.#next();
      return;
    }
    this.#running = outcome
      .then(
        (results) => resolveAll(batch, results),
        (error: unknown) => rejectAll(batch, error),
      )
      .then(() => {
        this.#running = undefined;
        this.#next();
      });
  }

  #next(): void {
    if (this.#waiting.length > 0) {
      this.#schedule();
    }
  }
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

function resolveAll<Result>(
  batch: ReadonlyArray<Waiting<unknown, Result>>,
  results: readonly Result[],
): void {
  batch.forEach((waiting, index) => waiting.resolve(results[index] as Result));
}

function rejectAll(batch: ReadonlyArray<Waiting<unknown, never>>, error: unknown): void {
  batch.forEach((waiting) => waiting.reject(error));
}
