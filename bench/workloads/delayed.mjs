const CONCURRENCY = 100;
const IN_FLIGHT = 100;
const WARM_UP = 2_000;

/**
 * Many messages with delays of 2 to 4 seconds, scheduled as fast as can be, while a worker waits for them.
 *
 * @type {import('../types.d.ts').Workload}
 */
export default {
  name: 'delayed',
  title: `Delayed messages, 2 to 4 s, scheduled with ${IN_FLIGHT} in flight; how late they are handled`,
  needs: ['produce', 'delayed'],
  columns: () => [
    { metric: 'schedule', title: 'schedule msg/s', ratio: true },
    { metric: 'earliest', title: 'earliest ms', digits: 2 },
    { metric: 'p50', title: 'late p50 ms', digits: 2 },
    { metric: 'p99', title: 'late p99 ms', digits: 2 },
    { metric: 'max', title: 'max ms', digits: 2 },
    { metric: 'lost', title: 'lost' },
  ],
  run(subject, { settings: { delayed: count }, withStore, play }) {
    return withStore(subject, async (address) => {
      await play(subject, 'produce', { driver: 'fill', address, count: 1 }).result;
      const worker = play(subject, 'delayed', {
        driver: 'delayed',
        address,
        concurrency: CONCURRENCY,
        total: count,
      });
      await worker.ready;
      const task = { driver: 'schedule', address, count, warmUp: WARM_UP, inFlight: IN_FLIGHT };
      const { rate } = await play(subject, 'produce', task).result;
      return { schedule: rate, ...(await worker.result) };
    });
  },
};
