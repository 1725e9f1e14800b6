/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'floor-redis-strict',
  transport: 'redis',
  kind: 'floor',
  about: 'reads as many as it handles at a time, and waits until they are acknowledged',
  workloads: ['consume'],
  roles: {
    async produce(address) {
      const { openFloorProducer } = await import('./support/redis-floor-producer.mjs');
      return openFloorProducer(address);
    },
    async consume(context) {
      const { startStrictFloorWorker } = await import('./support/redis-floor-strict-worker.mjs');
      return startStrictFloorWorker(context);
    },
  },
  async backlog(address) {
    const { countEntries } = await import('./support/redis-backlog.mjs');
    return countEntries(address);
  },
};
