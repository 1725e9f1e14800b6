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
  ],
  run(subject, { settings: { idleSeconds }, withStore, play }) {
    return withStore(subject, async (address) => {
      await play(subject, 'produce', { driver: 'fill', address, count: 1 }).result;
      return play(subject, 'idle', { driver: 'idle', address, seconds: idleSeconds }).result;
    });
  },
};
