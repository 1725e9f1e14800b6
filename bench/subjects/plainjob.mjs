const JOB = 'order.placed';
const POLL_MS = 100;

/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'plainjob',
  transport: 'sqlite',
  kind: 'peer',
  about: `plainjob on better-sqlite3; a worker for each unit of concurrency, poll ${POLL_MS} ms`,
  minimumNode: 22,
  roles: {
    async produce(file) {
      const queue = await openQueue(file);
      return {
        send: async (message) => queue.add(JOB, message),
        sendAll: async (messages) => queue.addMany(JOB, messages),
        sendLater: async (message, delay) => queue.add(JOB, message, { delay }),
        close: async () => queue.close(),
      };
    },
    consume: startWorkers,
    delayed: startWorkers,
    latency: startWorkers,
    idle: startWorkers,
    boot: startWorkers,
  },
  async backlog(file) {
    const { countWith } = await import('./support/sqlite-backlog.mjs');
    return countWith(file, 'SELECT count(*) AS waiting FROM plainjob_jobs WHERE status IN (0, 1)');
  },
};

async function startWorkers({ address, concurrency, handle }) {
  const { defineWorker } = await import('plainjob');
  const { orderFrom } = await import('./support/order-codec.mjs');
  const queue = await openQueue(address);
  const run = (job) => handle(orderFrom(JSON.parse(job.data)));
  const options = { queue, logger: silent, pollIntervall: POLL_MS };
  await Promise.all(Array.from({ length: concurrency }, () => defineWorker(JOB, run, options).start()));
}

async function openQueue(file) {
  const { default: Database } = await import('better-sqlite3');
  const { better, defineQueue } = await import('plainjob');
  return defineQueue({ connection: better(new Database(file)), logger: silent });
}

const ignore = () => {};
const silent = { error: console.error, warn: ignore, info: ignore, debug: ignore };
