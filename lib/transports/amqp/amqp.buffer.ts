/** A buffer whose front this many messages have left is moved together. */
const MOVE_TOGETHER_AT = 1024;

/** What has arrived and was not handed out, the oldest first. */
export class AmqpBuffer<T extends { readonly queue: string }> {
  #deliveries: T[] = [];
  #head = 0;

  get size(): number {
    return this.#deliveries.length - this.#head;
  }

  push(delivery: T): void {
    this.#deliveries.push(delivery);
  }

  /** Up to `max` of them. */
  take(max: number): readonly T[] {
    const end = Math.min(this.#head + max, this.#deliveries.length);
    const taken = this.#deliveries.slice(this.#head, end);
    this.#head = end;
    if (end === this.#deliveries.length) {
      this.clear();
    } else if (end >= MOVE_TOGETHER_AT) {
      this.#deliveries = this.#deliveries.slice(end);
      this.#head = 0;
    }
    return taken;
  }

  /** Those of other queues than these. */
  takeOthers(queues: readonly string[]): readonly T[] {
    const all = this.take(this.size);
    this.#deliveries = all.filter(({ queue }) => queues.includes(queue));
    return all.filter(({ queue }) => !queues.includes(queue));
  }

  clear(): void {
    this.#deliveries = [];
    this.#head = 0;
  }
}
