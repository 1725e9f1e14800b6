const startWorker = async (context) => {
  const { startFloorWorker } = await import('./support/sqlite-floor-worker.mjs');
  return startFloorWorker(context);
};

/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'floor-sqlite',
  transport: 'sqlite',
  kind: 'floor',
  about: 'one INSERT per message; claims 250 at a time, deletes them together, woken by a file watch',
  roles: {
    async produce(file) {
      const { openFloorStore } = await import('./support/sqlite-floor-store.mjs');
      const store = await openFloorStore(file);
      return {
        send: async (message) => store.insert(message),
        sendAll: async (messages) => store.insertAll(messages),
        sendLater: async (message, delay) => store.insert(message, delay),
        close: async () => store.close(),
      };
    },
    consume: startWorker,
    delayed: startWorker,
    latency: startWorker,
    idle: startWorker,
    boot: startWorker,
  },
  async backlog(file) {
    const { countWith } = await import('./support/sqlite-backlog.mjs');
    return countWith(file, 'SELECT count(*) AS waiting FROM messages');
  },
};
