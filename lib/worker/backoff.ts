/** The longest pause: a worker shall be back within about a second of its broker. */
const LONGEST_MS = 1000;

/** Pauses between tries that fail, growing from 50 ms to a second, each varied at random by half. */
export class Backoff {
  #tries = 0;

  /** Whether the last try failed. */
  get isActive(): boolean {
    return this.#tries > 0;
  }

  /** The pause before the next try. */
  next(): number {
    const base = Math.min(50 * 2 ** this.#tries, LONGEST_MS);
    this.#tries += 1;
    return base * (0.5 + Math.random() / 2);
  }

  reset(): void {
    this.#tries = 0;
  }
}
