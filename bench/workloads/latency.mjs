const PER_SECOND = 200;

/**
 * From a message's creation in one process to its handler in another, at a pace that leaves both idle in between.
 *
 * @type {import('../types.d.ts').Workload}
 */
export default {
  name: 'latency',
  title: `Latency from produce to handler, ${PER_SECOND} msg/s, after one second of warm-up`,
  needs: ['produce', 'latency'],
  columns: () => [
    { metric: 'p50', title: 'p50 ms', digits: 2, ratio: true, better: 'less' },
    { metric: 'p95', title: 'p95 ms', digits: 2 },
    { metric: 'p99', title: 'p99 ms', digits: 2 },
    { metric: 'max', title: 'max ms', digits: 2 },
  ],
  run(subject, { settings: { latencySeconds }, withStore, play }) {
    const count = PER_SECOND * (1 + latencySeconds);
    return withStore(subject, async (address) => {
      await play(subject, 'produce', { driver: 'fill', address, count: 1 }).result;
      const worker = play(subject, 'latency', {
        driver: 'latency',
        address,
        total: count,
        warmUp: PER_SECOND,
      });
      await worker.ready;
      await play(subject, 'produce', { driver: 'pace', address, count, perSecond: PER_SECOND }).result;
      return worker.result;
    });
  },
};
