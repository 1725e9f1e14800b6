import type { MessageDelivery } from './message-delivery.js';

/**
 * What a worker is handling, in no order.
 *
 * Not a `Set`: one with many additions and removals is copied again and again, and V8 links each copy to the next. Once one of
 * the copies is old, all messages that were ever in the later ones stay in memory until the next collection of old objects,
 * and every collection of new ones has to move them.
 */
export class DeliveriesInHand implements Iterable<MessageDelivery> {
  readonly #deliveries: MessageDelivery[] = [];

  get size(): number {
    return this.#deliveries.length;
  }

  add(delivery: MessageDelivery): void {
    delivery.place = this.#deliveries.push(delivery) - 1;
  }

  has(delivery: MessageDelivery): boolean {
    return this.#deliveries[delivery.place] === delivery;
  }

  /** The last one takes its place. */
  remove(delivery: MessageDelivery): void {
    const last = this.#deliveries.at(-1);
    if (last !== undefined && this.has(delivery)) {
      this.#deliveries.pop();
      if (last !== delivery) {
        this.#deliveries[delivery.place] = last;
        last.place = delivery.place;
      }
    }
  }

  [Symbol.iterator](): Iterator<MessageDelivery> {
    return this.#deliveries.values();
  }
}
