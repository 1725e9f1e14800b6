/** A number that was measured, and when, in milliseconds. */
export interface Sample {
  readonly at: number;
  readonly value: number;
}

/** How much of the beginning is not looked at: caches fill, code is compiled. */
const WARM_UP = 1 / 3;

/**
 * By how much a series has grown, once it was warm: the slope of the straight line that fits best, times its length. 0 for fewer
 * than two samples.
 */
export function growthOf(samples: readonly Sample[]): number {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP));
  const [first, last] = [warm[0], warm.at(-1)];
  if (first === undefined || last === undefined || first === last) {
    return 0;
  }
  const meanAt = mean(warm.map(({ at }) => at));
  const meanValue = mean(warm.map(({ value }) => value));
  const covariance = mean(warm.map(({ at, value }) => (at - meanAt) * (value - meanValue)));
  const variance = mean(warm.map(({ at }) => (at - meanAt) ** 2));
  return (covariance / variance) * (last.at - first.at);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}
