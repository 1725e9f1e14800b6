import { drainBacklog } from './drain-backlog.mjs';

const CONCURRENCIES = [1, 100];

/**
 * A ready backlog, from a cold worker's first message to an empty store.
 *
 * @type {import('../types.d.ts').Workload}
 */
export default {
  name: 'consume',
  title: 'Consume a ready backlog',
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
      const options = { concurrency, backlog: bench.settings.backlog, warmUp: 0 };
      const { rate, cpu, peak } = await drainBacklog(subject, bench, options);
      figures[`c${concurrency}`] = rate;
      figures[`c${concurrency}Cpu`] = cpu;
      figures[`c${concurrency}Peak`] = peak;
    }
    return figures;
  },
};
