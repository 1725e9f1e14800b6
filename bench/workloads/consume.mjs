import { drainBacklog } from './drain-backlog.mjs';

const CONCURRENCIES = [1, 100];

/**
 * A ready backlog, drained by a warm worker until the store is empty.
 *
 * @type {import('../types.d.ts').Workload}
 */
export default {
  name: 'consume',
  title: 'Consume a ready backlog, warm',
  needs: ['produce', 'consume'],
  columns: () =>
    CONCURRENCIES.flatMap((concurrency) => [
      { metric: `c${concurrency}`, title: `c${concurrency} msg/s`, ratio: true },
      { metric: `c${concurrency}Cpu`, title: 'CPU s/1000', digits: 4 },
      { metric: `c${concurrency}Peak`, title: 'peak MiB' },
    ]),
  async run(subject, bench) {
    const figures = {};
    for (const concurrency of CONCURRENCIES) {
      const { backlog, drainWarmUp: warmUp } = bench.settings;
      const options = { concurrency, backlog, warmUp };
      const { rate, cpu, peak } = await drainBacklog(subject, bench, options);
      figures[`c${concurrency}`] = rate;
      figures[`c${concurrency}Cpu`] = cpu;
      figures[`c${concurrency}Peak`] = peak;
    }
    return figures;
  },
};
