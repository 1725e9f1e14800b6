const startWorker = async (context) => {
  const { startFloorWorker } = await import('./support/postgres-floor-worker.mjs');
  return startFloorWorker(context);
};

/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'floor-postgres',
  transport: 'postgres',
  kind: 'floor',
  about:
    'pg; one INSERT per message, NOTIFY after it; claims 250 ahead, deletes together; LISTEN and a timer',
  roles: {
    async produce(address) {
      const { openFloorProducer } = await import('./support/postgres-floor-producer.mjs');
      return openFloorProducer(address);
    },
    consume: startWorker,
    delayed: startWorker,
    latency: startWorker,
    idle: startWorker,
    boot: startWorker,
  },
  async backlog(address) {
    const { countRows } = await import('./support/postgres-backlog.mjs');
    return countRows(address);
  },
};
