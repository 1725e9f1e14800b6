import { locate } from './support/amqp-address.mjs';

const startWorker = async ({ address, concurrency, handle }) => {
  const { startServer } = await import('./support/nest-rmq.mjs');
  const { server, name } = locate(address);
  return startServer(server, name, concurrency, handle);
};

/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'nest-rmq',
  transport: 'amqp',
  kind: 'peer',
  about:
    '@nestjs/microservices; persistent, confirmed, acknowledged by the handler; prefetch is its concurrency',
  workloads: ['produce', 'consume', 'latency', 'boot', 'idle'],
  roles: {
    async produce(address) {
      const { openClient } = await import('./support/nest-rmq.mjs');
      const { server, name } = locate(address);
      return openClient(server, name);
    },
    consume: startWorker,
    latency: startWorker,
    idle: startWorker,
    boot: startWorker,
  },
  async backlog(address) {
    const { countReady } = await import('./support/amqp-backlog.mjs');
    return countReady(address);
  },
};
