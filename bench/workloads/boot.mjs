import { median } from '../harness/statistics.mjs';

/**
 * From the start of a worker's process to the call of its handler.
 *
 * @type {import('../types.d.ts').Workload}
 */
export default {
  name: 'boot',
  title: 'Worker: from exec to the first message handled',
  needs: ['produce', 'boot'],
  columns: () => [{ metric: 'boot', title: 'boot ms', ratio: true, better: 'less' }],
  async run(subject, bench) {
    const boots = [];
    for (let i = 0; i < bench.settings.boots; i++) boots.push(await bootOnce(subject, bench));
    return { boot: median(boots) };
  },
};

function bootOnce(subject, { withStore, play }) {
  return withStore(subject, async (address) => {
    await play(subject, 'produce', { driver: 'fill', address, count: 1 }).result;
    const worker = play(subject, 'boot', { driver: 'boot', address });
    const { handledAt } = await worker.result;
    return handledAt - worker.startedAt;
  });
}
