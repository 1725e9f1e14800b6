/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'messenger-postgres-strict',
  transport: 'postgres',
  kind: 'own',
  about: 'a worker inside the application with "prefetch: 0": holds no message it does not handle',
  workloads: ['consume'],
  roles: {
    async produce(address) {
      const { dsnOf } = await import('./support/sql-address.mjs');
      const { openMessengerProducer } = await import('./support/messenger-producer.mjs');
      return openMessengerProducer(dsnOf(address));
    },
    async consume(context) {
      const { dsnOf } = await import('./support/sql-address.mjs');
      const { startStrictMessengerWorker } = await import('./support/messenger-strict-worker.mjs');
      return startStrictMessengerWorker(dsnOf(context.address), context);
    },
  },
  async backlog(address) {
    const { countRows } = await import('./support/postgres-backlog.mjs');
    return countRows(address);
  },
};
