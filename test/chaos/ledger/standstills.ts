import type { Interval } from './history.js';

/** How often to look, in milliseconds. */
const EVERY_MS = 100;

/** By how much a look has to be late to tell of it, in milliseconds. */
const LATE_MS = 500;

/**
 * Tells when this process could do nothing: it was stopped, or its machine was too busy for it. Does not keep the process alive.
 *
 * @returns how to end it.
 */
export function watchStandstills(tell: (standstill: Interval) => void): () => void {
  let lookedAt = performance.now();
  const timer = setInterval(() => {
    const passed = performance.now() - lookedAt;
    lookedAt += passed;
    if (passed > EVERY_MS + LATE_MS) {
      const to = Date.now();
      tell({ from: Math.floor(to - passed), to });
    }
  }, EVERY_MS).unref();
  return () => clearInterval(timer);
}
