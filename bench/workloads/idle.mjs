/**
 * What a worker without work costs.
 *
 * @type {import('../types.d.ts').Workload}
 */
export default {
  name: 'idle',
  title: 'Worker: idle',
  needs: ['produce', 'idle'],
  columns: () => [
    { metric: 'cpu', title: 'CPU %', digits: 2 },
    { metric: 'rss', title: 'MiB' },
    { metric: 'statements', title: 'statements/s', digits: 2 },
  ],
  run(subject, { settings: { idleSeconds }, withStore, play }) {
    return withStore(subject, async (address, store) => {
      await play(subject, 'produce', { driver: 'fill', address, count: 1 }).result;
      const start = (through) =>
        play(subject, 'idle', { driver: 'idle', address: through, seconds: idleSeconds });
      if (store.meter === undefined) return start(address).result;
      const meter = await store.meter();
      try {
        return await countStatements(start(meter.address), meter);
      } finally {
        await meter.close();
      }
    });
  },
};

async function countStatements(worker, meter) {
  await worker.ready;
  const before = { count: meter.count(), at: performance.now() };
  const figures = await worker.result;
  const elapsed = (performance.now() - before.at) / 1000;
  return { ...figures, statements: (meter.count() - before.count) / elapsed };
}
