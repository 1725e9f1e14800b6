import type { RedisClaim, RedisDelivery } from './redis.delivery.js';

interface Held {
  readonly count: number;
  /** When the consumer group was made that handed it out. */
  readonly era: string;
}

/** The deliveries that this process has received and not settled. */
export class RedisInHand {
  readonly #held = new Map<string, Held>();

  has(id: string): boolean {
    return this.#held.has(id);
  }

  /** The era given to {@link add}. */
  eraOf(id: string): string | undefined {
    return this.#held.get(id)?.era;
  }

  /** @param era when the consumer group was made that handed them out. */
  add(deliveries: readonly RedisDelivery[], era: string): void {
    deliveries.forEach(({ id, count }) => this.#held.set(id, { count, era }));
  }

  remove(claims: readonly RedisClaim[]): void {
    for (const { id, deliveryCount } of claims) {
      // It may have been delivered to this process again since.
      if (this.#held.get(id)?.count === deliveryCount) {
        this.#held.delete(id);
      }
    }
  }
}
