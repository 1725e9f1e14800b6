/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'messenger-redis-strict',
  transport: 'redis',
  kind: 'own',
  about: 'a worker inside the application with "prefetch: 0": holds no message it does not handle',
  workloads: ['consume'],
  roles: {
    async produce(address) {
      const { openMessengerProducer } = await import('./support/messenger-producer.mjs');
      return openMessengerProducer(address);
    },
    async consume(context) {
      const { startStrictMessengerWorker } = await import('./support/messenger-strict-worker.mjs');
      return startStrictMessengerWorker(context.address, context);
    },
  },
  async backlog(address) {
    const { countEntries } = await import('./support/redis-backlog.mjs');
    return countEntries(address);
  },
};
