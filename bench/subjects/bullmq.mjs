const QUEUE = 'orders';
const JOB = 'order.placed';

/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'bullmq',
  transport: 'redis',
  kind: 'peer',
  about: 'BullMQ; completed and failed jobs are removed, everything else is its default',
  roles: {
    async produce(address) {
      const queue = await openQueue(address);
      return {
        send: (message) => queue.add(JOB, message),
        sendAll: (messages) => queue.addBulk(messages.map((data) => ({ name: JOB, data }))),
        sendLater: (message, delay) => queue.add(JOB, message, { delay }),
        close: () => queue.close(),
      };
    },
    consume: startWorker,
    delayed: startWorker,
    latency: startWorker,
    idle: startWorker,
    boot: startWorker,
  },
  async backlog(address) {
    const queue = await openQueue(address);
    return () => queue.getJobCountByTypes('wait', 'active', 'delayed');
  },
};

async function startWorker({ address, concurrency, handle }) {
  const { Worker } = await import('bullmq');
  const { orderFrom } = await import('./support/order-codec.mjs');
  const run = ({ data }) => handle(orderFrom(data));
  const worker = new Worker(QUEUE, run, { ...optionsFor(address), concurrency });
  await new Promise((_, reject) => worker.on('error', reject));
}

async function openQueue(address) {
  const { Queue } = await import('bullmq');
  const defaultJobOptions = { removeOnComplete: true, removeOnFail: true };
  const queue = new Queue(QUEUE, { ...optionsFor(address), defaultJobOptions });
  await queue.waitUntilReady();
  return queue;
}

function optionsFor(address) {
  const url = new URL(address);
  const prefix = url.pathname.slice(1);
  url.pathname = '';
  return { prefix, connection: { url: url.href } };
}
