const SHORTEST_MS = 50;
const LONGEST_MS = 5000;

/** Pauses between tries to connect: from 50 ms to 5 s, doubled each time, each shortened at random by up to a half. */
export class AmqpBackOff {
  readonly #random: () => number;
  #tries = 0;

  /** @param random from 0 up to 1. */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Milliseconds before the next try. */
  next(): number {
    const base = Math.min(SHORTEST_MS * 2 ** this.#tries, LONGEST_MS);
    this.#tries += 1;
    return base * (1 - this.#random() / 2);
  }

  /**
   * A connection was lost.
   *
   * @param lasted milliseconds. One that lasted longer than the longest pause was a good one: the pauses begin anew.
   */
  lost(lasted: number): void {
    if (lasted > LONGEST_MS) {
      this.#tries = 0;
    }
  }
}
