import { Logger, makeWorkerUtils, run } from 'graphile-worker';

import { orderFrom } from './order-codec.mjs';
import { countWith } from './postgres-backlog.mjs';
import { locate } from './sql-address.mjs';

const TASK = 'order.placed';

/**
 * @param {string} address
 * @returns {Promise<import('../../types.d.ts').Producer>}
 */
export async function openProducer(address) {
  const utils = await makeWorkerUtils(optionsFor(address));
  await utils.migrate();
  return {
    send: (message) => utils.addJob(TASK, message),
    sendAll: (messages) => utils.addJobs(messages.map((payload) => ({ identifier: TASK, payload }))),
    sendLater: (message, delay) => utils.addJob(TASK, message, { runAt: new Date(Date.now() + delay) }),
    close: () => utils.release(),
  };
}

/**
 * @param {import('../../types.d.ts').WorkerContext} context
 * @param {object} settings Of the worker, in its preset.
 */
export async function startWorker({ address, handle }, settings) {
  const { connectionString, schema, logger } = optionsFor(address);
  const runner = await run({
    preset: { worker: { connectionString, schema, logger, ...settings } },
    taskList: { [TASK]: (payload) => handle(orderFrom(payload)) },
    parsedCronItems: [],
  });
  await runner.promise;
}

/** Counts the jobs that are not completed: those that are, are deleted. */
export function countJobs(address) {
  return countWith(address, `SELECT count(*) AS waiting FROM ${locate(address).name}.jobs`);
}

function optionsFor(address) {
  const { server: connectionString, name: schema } = locate(address);
  return { connectionString, schema, logger: new Logger(() => () => {}) };
}
