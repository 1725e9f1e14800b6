/** As on its page about performance. */
const MOST_JOBS = 24;
const SETTINGS = {
  maxPoolSize: 25,
  localQueue: { size: 500 },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
};

const startWorker = async (context) => {
  const { startWorker: start } = await import('./support/graphile-worker.mjs');
  return start(context, { ...SETTINGS, concurrentJobs: Math.min(context.concurrency, MOST_JOBS) });
};

/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'graphile-worker-batch',
  transport: 'postgres',
  kind: 'peer',
  about: `graphile-worker at its fastest: a local queue of 500, completed together, at most ${MOST_JOBS} jobs at a time`,
  minimumNode: 22,
  roles: {
    async produce(address) {
      const { openProducer } = await import('./support/graphile-worker.mjs');
      return openProducer(address);
    },
    consume: startWorker,
    delayed: startWorker,
    latency: startWorker,
    idle: startWorker,
    boot: startWorker,
  },
  async backlog(address) {
    const { countJobs } = await import('./support/graphile-worker.mjs');
    return countJobs(address);
  },
};
