import { createRequire } from 'node:module';

import { locate } from './support/sql-address.mjs';

const QUEUE = 'orders';
const JOB = 'order.placed';
const SESSIONS = 20;

/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'bullmq-postgres',
  transport: 'postgres',
  kind: 'peer',
  about: `BullMQ with its PostgreSQL backend, ${SESSIONS} sessions; completed and failed jobs are removed`,
  workloads: ['produce', 'consume', 'latency', 'delayed', 'boot', 'idle'],
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
  const { Worker, createPostgresBackend } = loadBullMq();
  const { orderFrom } = await import('./support/order-codec.mjs');
  const run = ({ data }) => handle(orderFrom(data));
  const worker = new Worker(QUEUE, run, { ...optionsFor(address), concurrency }, createPostgresBackend);
  await new Promise((_, reject) => worker.on('error', reject));
}

async function openQueue(address) {
  const { Queue, createPostgresBackend } = loadBullMq();
  const defaultJobOptions = { removeOnComplete: true, removeOnFail: true };
  const queue = new Queue(QUEUE, { ...optionsFor(address), defaultJobOptions }, createPostgresBackend);
  await queue.waitUntilReady();
  return queue;
}

function optionsFor(address) {
  const { server: connectionString, name: schema } = locate(address);
  return { connection: { connectionString, schema, max: SESSIONS, migrate: true } };
}

/** Its ES module cannot load pg, and takes no schema with a pool of the caller's. */
function loadBullMq() {
  return createRequire(import.meta.url)('bullmq');
}
