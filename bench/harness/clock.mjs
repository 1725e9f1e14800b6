/**
 * Milliseconds since the epoch, with fractions. `Date.now()` is too coarse for a latency under one millisecond, and
 * `performance.now()` alone starts anew in every process.
 */
export function now() {
  return performance.timeOrigin + performance.now();
}
