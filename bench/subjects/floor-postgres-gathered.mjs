/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'floor-postgres-gathered',
  transport: 'postgres',
  kind: 'floor',
  about: 'one INSERT for the messages sent in one turn of the event loop, or while another is on its way',
  roles: {
    async produce(address) {
      const { openGatheredFloorProducer } = await import('./support/postgres-floor-producer.mjs');
      return openGatheredFloorProducer(address);
    },
    async delayed(context) {
      const { startFloorWorker } = await import('./support/postgres-floor-worker.mjs');
      return startFloorWorker(context);
    },
  },
};
