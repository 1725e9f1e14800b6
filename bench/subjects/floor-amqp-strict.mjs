/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'floor-amqp-strict',
  transport: 'amqp',
  kind: 'floor',
  about:
    'prefetches as many as it handles at a time, so that one message waits for the acknowledgement of another',
  workloads: ['consume'],
  roles: {
    async produce(address) {
      const { openFloorProducer } = await import('./support/amqp-floor-producer.mjs');
      return openFloorProducer(address);
    },
    async consume(context) {
      const { startFloorWorker } = await import('./support/amqp-floor-worker.mjs');
      return startFloorWorker(context, context.concurrency);
    },
  },
  async backlog(address) {
    const { countReady } = await import('./support/amqp-backlog.mjs');
    return countReady(address);
  },
};
