/** What the order of a {@link DueQueue} is made of. */
export interface Due {
  /** The epoch in milliseconds from which the item may be taken. */
  readonly availableAt: number;
  /** Decides between items that are due at the same time: the lower goes first. */
  readonly arrival: number;
}

/** Items in the order in which they fall due, as a binary heap: adding and taking cost O(log n). */
export class DueQueue<T extends Due> {
  readonly #heap: T[] = [];

  /** The item that falls due first, left where it is. */
  get first(): T | undefined {
    return this.#heap[0];
  }

  add(item: T): void {
    this.#rise(item, this.#heap.length);
  }

  /** Takes {@link first} out. */
  take(): T | undefined {
    const first = this.#heap[0];
    if (first !== undefined) {
      this.#removeAt(0);
    }
    return first;
  }

  /** Takes `item` out wherever it stands; costs O(n). */
  remove(item: T): void {
    const index = this.#heap.indexOf(item);
    if (index !== -1) {
      this.#removeAt(index);
    }
  }

  clear(): void {
    this.#heap.length = 0;
  }

  #removeAt(index: number): void {
    const last = this.#heap.pop();
    if (last === undefined || index === this.#heap.length) {
      return;
    }
    this.#sink(last, index);
  }

  /** Puts `item` at `index` or nearer to the root. */
  #rise(item: T, index: number): void {
    let at = index;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = this.#heap[parentAt];
      if (parent === undefined || byDueTime(parent, item) <= 0) {
        break;
      }
      this.#heap[at] = parent;
      at = parentAt;
    }
    this.#heap[at] = item;
  }

  /** Puts `item` at `index` or farther from the root; if it belongs nearer to it, there. */
  #sink(item: T, index: number): void {
    let at = index;
    for (;;) {
      const childAt = this.#earlierChildOf(at);
      const child = this.#heap[childAt];
      if (child === undefined || byDueTime(item, child) <= 0) {
        break;
      }
      this.#heap[at] = child;
      at = childAt;
    }
    this.#rise(item, at);
  }

  #earlierChildOf(index: number): number {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    return 2 * index + (left !== undefined && right !== undefined && byDueTime(right, left) < 0 ? 2 : 1);
  }
}

/** Orders items by the time they fall due, then by their arrival. */
export function byDueTime(a: Due, b: Due): number {
  return a.availableAt - b.availableAt || a.arrival - b.arrival;
}
