import type { RedisClaim, RedisDelivery } from './redis.delivery.js';

/** The deliveries that this process has received and not settled. */
export class RedisInHand {
  readonly #counts = new Map<string, number>();

  has(id: string): boolean {
    return this.#counts.has(id);
  }

  add(deliveries: readonly RedisDelivery[]): void {
    deliveries.forEach(({ id, count }) => this.#counts.set(id, count));
  }

  remove(claims: readonly RedisClaim[]): void {
    for (const { id, deliveryCount } of claims) {
      // It may have been delivered to this process again since.
      if (this.#counts.get(id) === deliveryCount) {
        this.#counts.delete(id);
      }
    }
  }
}
