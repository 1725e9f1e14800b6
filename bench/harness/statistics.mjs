/** @param {readonly number[]} values */
export function median(values) {
  return percentile(values, 50);
}

/**
 * The value below which `percent` of the values lie, interpolated between neighbours.
 *
 * @param {readonly number[]} values
 * @param {number} percent
 */
export function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  const position = ((sorted.length - 1) * percent) / 100;
  const below = Math.floor(position);
  const above = Math.ceil(position);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

/**
 * The median of each metric over several runs.
 *
 * @param {readonly import('../types.d.ts').Figures[]} samples
 */
export function medians(samples) {
  const metrics = new Set(samples.flatMap((sample) => Object.keys(sample)));
  return Object.fromEntries([...metrics].map((metric) => [metric, median(valuesOf(samples, metric))]));
}

function valuesOf(samples, metric) {
  return samples.map((sample) => sample[metric]).filter((value) => value !== undefined);
}
