const IN_FLIGHT = 100;

/**
 * Messages stored per second by one process.
 *
 * @type {import('../types.d.ts').Workload}
 */
export default {
  name: 'produce',
  title: `Produce: one after the other, and ${IN_FLIGHT} in flight`,
  needs: ['produce'],
  columns: () => [
    { metric: 'sequential', title: 'sequential msg/s', ratio: true },
    { metric: 'inFlight', title: `${IN_FLIGHT} in flight msg/s`, ratio: true },
    { metric: 'sequentialCpu', title: 'sequential CPU s/1000', digits: 4 },
    { metric: 'inFlightCpu', title: 'in flight CPU s/1000', digits: 4 },
  ],
  async run(subject, bench) {
    const sequential = await produce(subject, bench, 1);
    const inFlight = await produce(subject, bench, IN_FLIGHT);
    return {
      sequential: sequential.rate,
      sequentialCpu: sequential.cpu,
      inFlight: inFlight.rate,
      inFlightCpu: inFlight.cpu,
    };
  },
};

function produce(subject, { settings: { seconds, warmUp }, withStore, play }, inFlight) {
  const task = { driver: 'produce', inFlight, seconds, warmUp };
  return withStore(subject, (address) => play(subject, 'produce', { ...task, address }).result);
}
