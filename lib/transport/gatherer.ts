/**
 * Collects what arrives in one turn of the event loop and hands it over together, so that many callers share one
 * command. A lone item waits for the end of the running microtasks only, never for a timer.
 *
 * Each caller's promise settles with its own result. If `flush` rejects, every caller of that flush is rejected.
 */
export class Gatherer<Item, Result> {
  readonly #flush: Flush<Item, Result>;
  readonly #maxItems: number;
  readonly #overlaps: boolean;
  #waiting: Array<Waiting<Item, Result>> = [];
  #scheduled = false;
  readonly #running = new Set<Promise<void>>();

  /** @param flush stores the items and answers with one result for each, in their order. */
  constructor(flush: Flush<Item, Result>, options: GathererOptions = {}) {
    this.#flush = flush;
    this.#maxItems = options.maxItems ?? Number.POSITIVE_INFINITY;
    this.#overlaps = options.overlaps ?? false;
  }

  /** Whether anything was added that has not been flushed yet. */
  get isBusy(): boolean {
    return this.#waiting.length > 0 || this.#running.size > 0;
  }

  add(item: Item): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves when everything added so far has been flushed. Never rejects: the callers of `add` learn of errors. */
  async drained(): Promise<void> {
    while (this.isBusy) {
      await (this.#running.size > 0
        ? Promise.all(this.#running)
        : new Promise<void>((resolve) => setImmediate(resolve)));
    }
  }

  get #mayFlush(): boolean {
    return this.#waiting.length > 0 && (this.#overlaps || this.#running.size === 0);
  }

  #schedule(): void {
    if (this.#scheduled || !this.#mayFlush) {
      return;
    }
    this.#scheduled = true;
    // Once the microtasks of this turn are done, so that callers which resume one after the other are gathered too.
    queueMicrotask(() => {
      process.nextTick(() => {
        this.#scheduled = false;
        do {
          this.#start(this.#waiting.splice(0, this.#maxItems));
        } while (this.#overlaps && this.#mayFlush);
      });
    });
  }

  #start(batch: ReadonlyArray<Waiting<Item, Result>>): void {
    let outcome: Promise<readonly Result[]> | readonly Result[];
    try {
      outcome = this.#flush(batch.map((waiting) => waiting.item));
    } catch (error) {
      rejectAll(batch, error);
      this.#schedule();
      return;
    }
    if (!(outcome instanceof Promise)) {
      resolveAll(batch, outcome);
      this.#schedule();
      return;
    }
    const running = outcome
      .then(
        (results) => resolveAll(batch, results),
        (error: unknown) => rejectAll(batch, error),
      )
      .then(() => {
        this.#running.delete(running);
        this.#schedule();
      });
    this.#running.add(running);
  }
}

type Flush<Item, Result> = (items: readonly Item[]) => Promise<readonly Result[]> | readonly Result[];

/** How a {@link Gatherer} flushes. */
export interface GathererOptions {
  /** The most items for one flush. @default as many as there are */
  readonly maxItems?: number;
  /**
   * Whether a flush may begin before the one before it has ended, for a connection that answers in order. Otherwise what
   * arrives during a flush goes with the next, so that the next is larger. @default false
   */
  readonly overlaps?: boolean;
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
