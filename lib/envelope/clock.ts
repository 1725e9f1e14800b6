/** Where time comes from. Handed to whatever waits or expires, so that a test can move time instead of waiting. */
export interface Clock {
  /** The current epoch in milliseconds, as `Date.now()`. */
  now(): number;

  /**
   * Calls `callback` once, `ms` milliseconds from now.
   *
   * @returns what cancels the call; harmless once it was made.
   */
  setTimer(callback: () => void, ms: number): () => void;
}

/** The longest time Node's own timers can hold; anything longer would fire at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The time of the machine. Its timers hold any length, and keep the process alive until they fire or are cancelled. */
export const systemClock: Clock = {
  now: () => Date.now(),

  setTimer(callback, ms) {
    let timeout: NodeJS.Timeout;
    const arm = (left: number): void => {
      const step = Math.min(left, LONGEST_TIMEOUT_MS);
      timeout = setTimeout(() => (left > step ? arm(left - step) : callback()), step);
    };
    arm(ms);
    return () => clearTimeout(timeout);
  },
};
