import { locate } from './support/amqp-address.mjs';

const startWorker = async ({ address, concurrency, handle }) => {
  const { startSubscriber } = await import('../nest-11/golevelup.mjs');
  const { orderFrom } = await import('./support/order-codec.mjs');
  const { server, name } = locate(address);
  return startSubscriber(server, name, concurrency, (message) => handle(orderFrom(message)));
};

/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'golevelup',
  transport: 'amqp',
  kind: 'peer',
  about: '@golevelup/nestjs-rabbitmq on NestJS 11; persistent, confirmed; prefetch is its concurrency',
  workloads: ['produce', 'consume', 'latency', 'boot', 'idle'],
  roles: {
    async produce(address) {
      const { openConnection } = await import('../nest-11/golevelup.mjs');
      const { server, name } = locate(address);
      const { connection, close } = await openConnection(server, name);
      const send = (message) => connection.publish(name, name, message, { persistent: true });
      return { send, sendAll: (messages) => Promise.all(messages.map(send)), close };
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
