import { Batched, type ChaosMessage, Flaky, Keyed, Once, Plain, Poison, Slow } from '../app/messages.js';
import type { SeededRandom } from './seeded-random.js';

/** How often each kind comes. */
const KINDS = [
  'plain',
  'plain',
  'plain',
  'keyed',
  'keyed',
  'batched',
  'batched',
  'flaky',
  'flaky',
  'once',
  'once',
  'slow',
  'delayed',
  'poison',
] as const;

const KEYS = 4;

/** Gives messages of all kinds, in an order that its random numbers decide. */
export class MessageMixture {
  readonly #random: SeededRandom;
  readonly #newId: () => string;
  readonly #sequences = new Map<string, number>();

  /** @param newId gives each message its id. */
  constructor(random: SeededRandom, newId: () => string) {
    this.#random = random;
    this.#newId = newId;
  }

  next(): ChaosMessage {
    const random = this.#random;
    const id = this.#newId();
    switch (random.pick(KINDS)) {
      case 'plain':
        return new Plain(id);
      case 'keyed':
        return this.#keyed(id, `key ${random.whole(1, KEYS)}`);
      case 'batched':
        return new Batched(id);
      case 'flaky':
        return new Flaky(id, 'all', 0, 0, random.whole(1, 2));
      case 'once':
        return new Once(id);
      case 'slow':
        return new Slow(id, 'all', 0, 0, random.whole(50, 700));
      case 'delayed':
        return new Plain(id, 'all', 0, Date.now() + random.whole(50, 2000));
      case 'poison':
        return new Poison(id);
    }
  }

  #keyed(id: string, key: string): Keyed {
    const sequence = (this.#sequences.get(key) ?? 0) + 1;
    this.#sequences.set(key, sequence);
    return new Keyed(id, key, sequence);
  }
}
