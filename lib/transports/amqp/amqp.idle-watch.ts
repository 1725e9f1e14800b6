/** Messages that have arrived and that nobody has asked for in this time go back, in milliseconds. */
const IDLE_MS = 1000;

/** Notices that messages have arrived which nobody fetches, so that others can have them. */
export class AmqpIdleWatch {
  readonly #isHolding: () => boolean;
  readonly #onIdle: () => void;
  #fetchedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;

  /** @param isHolding whether there are messages that nobody has fetched. */
  constructor(isHolding: () => boolean, onIdle: () => void) {
    this.#isHolding = isHolding;
    this.#onIdle = onIdle;
  }

  arrived(): void {
    this.#timer ??= this.#look(IDLE_MS);
  }

  fetched(): void {
    this.#fetchedAt = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #look(after: number): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#isHolding()) {
        return;
      }
      const left = this.#fetchedAt + IDLE_MS - performance.now();
      if (left > 0) {
        this.#timer = this.#look(left);
      } else {
        this.#onIdle();
      }
    }, after);
    return timer.unref();
  }
}
