const startWorker = async (context) => {
  const { startMessengerWorker } = await import('./support/messenger-worker.mjs');
  return startMessengerWorker(`sqlite:${context.address}`, context);
};

/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'messenger-sqlite',
  transport: 'sqlite',
  kind: 'own',
  about: 'the sqlite transport with its defaults; bus.dispatch in an application, runWorker in the worker',
  roles: {
    async produce(file) {
      const { openMessengerProducer } = await import('./support/messenger-producer.mjs');
      return openMessengerProducer(`sqlite:${file}`);
    },
    consume: startWorker,
    delayed: startWorker,
    latency: startWorker,
    idle: startWorker,
    boot: startWorker,
  },
  async backlog(file) {
    const { countWith } = await import('./support/sqlite-backlog.mjs');
    return countWith(file, 'SELECT count(*) AS waiting FROM messenger_messages');
  },
};
