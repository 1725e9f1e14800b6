import { now } from '../../harness/clock.mjs';

/** Ends the sleep of a worker at the earliest of the times it was set to. */
export class Alarm {
  #at = Infinity;
  #timer;
  #wake;

  /** Call it before looking for messages: what it is set to from then on counts for the next sleep. */
  reset() {
    this.#at = Infinity;
  }

  /** @param {number} at On the clock of `harness/clock.mjs`. */
  setTo(at) {
    if (at >= this.#at) return;
    this.#at = at;
    if (this.#wake !== undefined) this.#arm();
  }

  async sleep() {
    await new Promise((resolve) => {
      this.#wake = resolve;
      this.#arm();
    });
    this.#wake = undefined;
  }

  #arm() {
    clearTimeout(this.#timer);
    const left = this.#at - now();
    if (left <= 0) return this.#wake();
    this.#timer = setTimeout(() => this.#wake?.(), Math.ceil(left));
  }
}
