const startWorker = async (context) => {
  const { startWorker: start } = await import('./support/graphile-worker.mjs');
  return start(context, { concurrentJobs: context.concurrency });
};

/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'graphile-worker',
  transport: 'postgres',
  kind: 'peer',
  about: 'graphile-worker with its defaults; its jobs at a time are the concurrency',
  minimumNode: 22,
  workloads: ['produce', 'consume', 'latency', 'delayed', 'boot', 'idle'],
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
