/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'floor-postgres-strict',
  transport: 'postgres',
  kind: 'floor',
  about: 'claims as many as it handles at a time, and waits until they are deleted',
  workloads: ['consume'],
  roles: {
    async produce(address) {
      const { openFloorProducer } = await import('./support/postgres-floor-producer.mjs');
      return openFloorProducer(address);
    },
    async consume(context) {
      const { startStrictFloorWorker } = await import('./support/postgres-floor-worker.mjs');
      return startStrictFloorWorker(context);
    },
  },
  async backlog(address) {
    const { countRows } = await import('./support/postgres-backlog.mjs');
    return countRows(address);
  },
};
