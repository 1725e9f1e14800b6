interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** Those who wait for the same thing, each for as long as it can. */
export class AmqpWaiters<T> {
  readonly #waiters = new Set<Waiter<T>>();

  /**
   * @param limit milliseconds.
   * @param tooLate what to reject with when they are over.
   */
  wait(limit: number, tooLate: () => unknown): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter<T> = {
        resolve: (value) => (done(), resolve(value)),
        reject: (error) => (done(), reject(error)),
      };
      // Keeps the process alive: somebody awaits it.
      const timer = setTimeout(() => waiter.reject(tooLate()), limit);
      this.#waiters.add(waiter);
    });
  }

  resolve(value: T): void {
    [...this.#waiters].forEach((waiter) => waiter.resolve(value));
  }

  reject(error: unknown): void {
    [...this.#waiters].forEach((waiter) => waiter.reject(error));
  }
}
