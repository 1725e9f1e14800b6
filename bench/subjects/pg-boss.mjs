import { locate } from './support/sql-address.mjs';

const QUEUE = 'orders';
const BATCH_SIZE = 100;
const POLL_SECONDS = 0.5;

/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'pg-boss',
  transport: 'postgres',
  kind: 'peer',
  about: `pg-boss; batches of ${BATCH_SIZE} with a result for each job, LISTEN/NOTIFY, poll ${POLL_SECONDS} s`,
  minimumNode: 22,
  roles: {
    async produce(address) {
      const boss = await start(address);
      await boss.createQueue(QUEUE, { notify: true });
      return {
        send: (message) => boss.send(QUEUE, message),
        sendAll: (messages) =>
          boss.insert(
            QUEUE,
            messages.map((data) => ({ data })),
          ),
        sendLater: (message, delay) =>
          boss.send(QUEUE, message, { startAfter: new Date(Date.now() + delay) }),
        close: () => boss.stop({ graceful: false }),
      };
    },
    consume: startWorker,
    delayed: startWorker,
    latency: startWorker,
    idle: startWorker,
    boot: startWorker,
  },
  async backlog(address) {
    const { countWith } = await import('./support/postgres-backlog.mjs');
    const { name } = locate(address);
    return countWith(address, `SELECT count(*) AS waiting FROM ${name}.job WHERE state < 'completed'`);
  },
};

/** A batch is settled when all of it is handled. */
async function startWorker({ address, concurrency, handle }) {
  const { handleAll } = await import('./support/handle-all.mjs');
  const { orderFrom } = await import('./support/order-codec.mjs');
  const boss = await start(address);
  const options = {
    batchSize: BATCH_SIZE,
    perJobResults: true,
    burstWhenBatchFull: true,
    pollingIntervalSeconds: POLL_SECONDS,
    notifyPollingIntervalSeconds: POLL_SECONDS,
  };
  await boss.work(QUEUE, options, async (jobs) => {
    await handleAll(jobs, concurrency, ({ data }) => handle(orderFrom(data)));
    return jobs.map(({ id }) => ({ id, status: 'completed' }));
  });
}

async function start(address) {
  const { PgBoss } = await import('pg-boss');
  const { server, name } = locate(address);
  const boss = new PgBoss({ connectionString: server, schema: name, useListenNotify: true });
  boss.on('error', (error) => {
    throw error;
  });
  return boss.start();
}
