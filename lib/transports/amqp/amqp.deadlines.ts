/** Items in the order in which they were added, each to be taken away before the same time has passed. */
export class AmqpDeadlines<T extends object> {
  readonly #limit: number;
  readonly #onOverdue: (item: T) => void;
  readonly #dueAt = new Map<T, number>();
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param limit milliseconds; 0: none.
   * @param onOverdue called with an item that was taken away because its time was over.
   */
  constructor(limit: number, onOverdue: (item: T) => void) {
    this.#limit = limit > 0 ? limit : Number.POSITIVE_INFINITY;
    this.#onOverdue = onOverdue;
  }

  get size(): number {
    return this.#dueAt.size;
  }

  add(item: T): void {
    this.#dueAt.set(item, performance.now() + this.#limit);
    this.#arm(this.#limit);
  }

  /** Whether it was still there. */
  delete(item: T): boolean {
    return this.#dueAt.delete(item);
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#dueAt.keys();
  }

  /** Takes all of them away, and returns them. */
  takeAll(): readonly T[] {
    const items = [...this.#dueAt.keys()];
    this.#dueAt.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return items;
  }

  /** One timer for all: it is not set anew with each item, but looks for the oldest when it fires. */
  #arm(delay: number): void {
    if (this.#timer === undefined && delay !== Number.POSITIVE_INFINITY) {
      // First what has come in meanwhile, if the event loop was held up: an item may be about to be taken away.
      this.#timer = setTimeout(() => setImmediate(() => this.#expire()), delay).unref();
    }
  }

  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [item, dueAt] of this.#dueAt) {
      if (dueAt > now) {
        this.#arm(Math.ceil(dueAt - now));
        return;
      }
      this.#dueAt.delete(item);
      this.#onOverdue(item);
    }
  }
}
