const startWorker = async (context) => {
  const { startFloorWorker } = await import('./support/mysql-floor-worker.mjs');
  return startFloorWorker(context);
};

/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'floor-mysql',
  transport: 'mysql',
  kind: 'floor',
  about:
    'mysql2; one INSERT for the messages of a turn; claims 250 ahead, deletes together; polls, less when idle',
  roles: {
    async produce(address) {
      const { openFloorProducer } = await import('./support/mysql-floor-producer.mjs');
      return openFloorProducer(address);
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
