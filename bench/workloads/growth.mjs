import { median } from '../harness/statistics.mjs';
import { drainBacklog } from './drain-backlog.mjs';

const CONCURRENCY = 100;

/** The fewest are drained within a tenth of a second, too short for one look. */
const REPEATS_OF_FIRST = 3;

/**
 * The rate of a warm worker with more and more messages waiting. A good store does not slow down.
 *
 * @type {import('../types.d.ts').Workload}
 */
export default {
  name: 'growth',
  title: `Growth: consume at concurrency ${CONCURRENCY}, warm, with more and more waiting`,
  needs: ['produce', 'consume'],
  columns: ({ growth }) => [
    ...growth.flatMap((backlog) => [
      { metric: `${backlog}`, title: `${backlog / 1000}k msg/s`, ratio: true },
      { metric: `${backlog}Peak`, title: 'peak MiB' },
    ]),
    { metric: 'flatness', title: 'farthest / first', digits: 2 },
  ],
  async run(subject, bench) {
    const { growth, drainWarmUp } = bench.settings;
    const figures = {};
    for (const [index, backlog] of growth.entries()) {
      const options = { concurrency: CONCURRENCY, backlog, warmUp: drainWarmUp };
      const drains = [];
      for (let i = 0; i < (index === 0 ? REPEATS_OF_FIRST : 1); i++) {
        drains.push(await drainBacklog(subject, bench, options));
      }
      figures[backlog] = median(drains.map(({ rate }) => rate));
      figures[`${backlog}Peak`] = median(drains.map(({ peak }) => peak));
    }
    figures.flatness = farthestFromFirst(growth.map((backlog) => figures[backlog]));
    return figures;
  },
};

/** The rate that differs most from the first, as a ratio to it. */
function farthestFromFirst([first, ...others]) {
  const ratios = others.map((rate) => rate / first);
  return ratios.reduce((a, b) => (Math.abs(Math.log(b)) > Math.abs(Math.log(a)) ? b : a), 1);
}
