/** Something that may happen soon, for one who waits for it. */
export class AmqpArrival {
  #end: ((hasHappened: boolean) => void) | undefined;

  /** It has happened, or there is no more use in waiting. */
  happened(): void {
    this.#end?.(true);
  }

  /** Resolves with whether it happens within so many milliseconds. */
  within(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#end?.(false), ms);
      this.#end = (hasHappened) => {
        this.#end = undefined;
        clearTimeout(timer);
        resolve(hasHappened);
      };
    });
  }
}
