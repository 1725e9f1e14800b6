/**
 * In-process dispatch to one handler, one after the other.
 *
 * @type {import('../types.d.ts').Workload}
 */
export default {
  name: 'dispatch',
  title: 'Dispatch in process, one handler, each awaited',
  needs: ['dispatch'],
  columns: () => [{ metric: 'rate', title: 'ops/s', ratio: true }],
  run: (subject, { settings: { seconds, warmUp }, play }) =>
    play(subject, 'dispatch', { driver: 'dispatch', seconds, warmUp }).result,
};
