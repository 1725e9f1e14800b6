/**
 * A measurement: about 40 minutes.
 *
 * @type {import('../types.d.ts').Settings}
 */
export const FULL = {
  runs: 3,
  seconds: 2,
  warmUp: 2,
  backlog: 40_000,
  growth: [10_000, 100_000, 300_000],
  drainWarmUp: 40_000,
  drainCap: 3,
  delayed: 10_000,
  latencySeconds: 4,
  idleSeconds: 5,
  boots: 5,
};

/** What `--large` adds to "growth". */
export const LARGE = 1_000_000;

/**
 * A look rather than a measurement: one short run of everything.
 *
 * @type {import('../types.d.ts').Settings}
 */
export const QUICK = {
  runs: 1,
  seconds: 0.5,
  warmUp: 0.2,
  backlog: 20_000,
  growth: [10_000, 50_000],
  drainWarmUp: 20_000,
  drainCap: 1.5,
  delayed: 2_000,
  latencySeconds: 1.5,
  idleSeconds: 2.5,
  boots: 2,
};
