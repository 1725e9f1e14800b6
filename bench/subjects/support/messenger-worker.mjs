import { MessengerModule, runWorker } from 'nestjs-messenger';

import { OrderPlaced } from '../../harness/bench-message.mjs';
import { defineModule, handlerFor } from './messenger-app.mjs';

/**
 * A worker as users start it: `worker.js async --concurrency=N`.
 *
 * @param {string} dsn
 * @param {import('../../types.d.ts').WorkerContext} context
 */
export async function startMessengerWorker(dsn, { concurrency, handle }) {
  const messenger = MessengerModule.forRoot({
    transports: { async: dsn },
    routing: [[OrderPlaced, 'async']],
  });
  process.argv = [process.argv[0], 'worker.js', 'async', `--concurrency=${concurrency}`];
  await runWorker(defineModule([messenger], [handlerFor(handle)]));
}
