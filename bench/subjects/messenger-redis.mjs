const startWorker = async (context) => {
  const { startMessengerWorker } = await import('./support/messenger-worker.mjs');
  return startMessengerWorker(context.address, context);
};

/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'messenger-redis',
  transport: 'redis',
  kind: 'own',
  about: 'the redis transport with its defaults; bus.dispatch in an application, runWorker in the worker',
  roles: {
    async produce(address) {
      const { openMessengerProducer } = await import('./support/messenger-producer.mjs');
      return openMessengerProducer(address);
    },
    consume: startWorker,
    delayed: startWorker,
    latency: startWorker,
    idle: startWorker,
    boot: startWorker,
  },
  async backlog(address) {
    const { countEntries } = await import('./support/redis-backlog.mjs');
    return countEntries(address);
  },
};
