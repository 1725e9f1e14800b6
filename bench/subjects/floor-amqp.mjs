const PREFETCH = 250;

const startWorker = async (context) => {
  const { startFloorWorker } = await import('./support/amqp-floor-worker.mjs');
  return startFloorWorker(context, PREFETCH);
};

/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'floor-amqp',
  transport: 'amqp',
  kind: 'floor',
  about: 'amqplib; persistent, confirmed; prefetches 250, acknowledges together; a queue for each delay',
  roles: {
    async produce(address) {
      const { openFloorProducer } = await import('./support/amqp-floor-producer.mjs');
      return openFloorProducer(address);
    },
    consume: startWorker,
    delayed: startWorker,
    latency: startWorker,
    idle: startWorker,
    boot: startWorker,
  },
  async backlog(address) {
    const { countReady } = await import('./support/amqp-backlog.mjs');
    return countReady(address);
  },
};
