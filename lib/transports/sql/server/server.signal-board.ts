import type { GivenSignal } from './server.dialect.js';

/** What is known in a process of the signals of one table, shared by its transports there. */
export class SignalBoard {
  readonly #listeners = new Set<() => void>();
  #known: ReadonlyMap<string, number> | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #changedAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<ReadonlyMap<string, number>> | undefined;

  /**
   * When each signal was last given.
   *
   * @param maxAge how long what was read is trusted, in milliseconds.
   * @param read reads them all.
   */
  async read(
    maxAge: number,
    read: () => Promise<readonly GivenSignal[]>,
  ): Promise<ReadonlyMap<string, number>> {
    if (this.#known !== undefined && performance.now() - this.#readAt <= maxAge) {
      return this.#known;
    }
    this.#reading ??= this.#begin(read);
    return this.#reading;
  }

  /** Takes note of signals that were read from `began` on, by `performance.now()`. */
  note(signals: readonly GivenSignal[], began: number): void {
    if (began < this.#changedAt || began < this.#readAt) {
      return;
    }
    const isNew = signals.some(([name, givenAt]) => this.#known?.get(name) !== givenAt);
    const wasKnown = this.#known !== undefined;
    this.#known = new Map(signals);
    this.#readAt = began;
    if (isNew && wasKnown) {
      this.#tell();
    }
  }

  /** A signal was given, or may have been. */
  heard(): void {
    this.#changedAt = performance.now();
    this.#known = undefined;
    this.#reading = undefined;
    this.#tell();
  }

  /** @param listener called when a signal was given, or may have been. Returns how to stop that. */
  onSignal(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #begin(read: () => Promise<readonly GivenSignal[]>): Promise<ReadonlyMap<string, number>> {
    const began = performance.now();
    const reading = read()
      .then((signals) => {
        this.note(signals, began);
        return new Map(signals);
      })
      .finally(() => {
        // One that was out of date before it ended has been forgotten already.
        this.#reading = this.#reading === reading ? undefined : this.#reading;
      });
    return reading;
  }

  #tell(): void {
    [...this.#listeners].forEach((listener) => listener());
  }
}
