const startWorker = async (context) => {
  const { startFloorWorker } = await import('./support/redis-floor-worker.mjs');
  return startFloorWorker(context);
};

/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'floor-redis',
  transport: 'redis',
  kind: 'floor',
  about: 'pipelined XADD; reads 250 ahead, XACK and XDEL together; delays in a sorted set moved by a script',
  roles: {
    async produce(address) {
      const { openFloorProducer } = await import('./support/redis-floor-producer.mjs');
      return openFloorProducer(address);
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
