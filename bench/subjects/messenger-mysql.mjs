const startWorker = async (context) => {
  const { dsnOf } = await import('./support/sql-address.mjs');
  const { startMessengerWorker } = await import('./support/messenger-worker.mjs');
  return startMessengerWorker(dsnOf(context.address), context);
};

/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'messenger-mysql',
  transport: 'mysql',
  kind: 'own',
  about: 'the mysql transport with its defaults; bus.dispatch in an application, runWorker in the worker',
  roles: {
    async produce(address) {
      const { dsnOf } = await import('./support/sql-address.mjs');
      const { openMessengerProducer } = await import('./support/messenger-producer.mjs');
      return openMessengerProducer(dsnOf(address));
    },
    consume: startWorker,
    delayed: startWorker,
    latency: startWorker,
    idle: startWorker,
    boot: startWorker,
  },
  async backlog(address) {
    const { countRows } = await import('./support/mysql-backlog.mjs');
    return countRows(address);
  },
};
