/** The last `limit` things that happened, oldest first. Adding is O(1) on average. */
export class History<T> {
  readonly #limit: number;
  #items: T[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(item: T): void {
    this.#items.push(item);
    // Not at every step beyond the limit: cutting the head off an array moves all the rest.
    if (this.#items.length > 2 * this.#limit) {
      this.#items = this.items;
    }
  }

  /** A copy. */
  get items(): T[] {
    return this.#limit === 0 ? [] : this.#items.slice(-this.#limit);
  }

  clear(): void {
    this.#items = [];
  }
}
