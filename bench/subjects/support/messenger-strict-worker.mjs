import { MessengerModule } from 'nestjs-messenger';

import { OrderPlaced } from '../../harness/bench-message.mjs';
import { bootApp, handlerFor } from './messenger-app.mjs';

/**
 * A worker that reads nothing ahead, inside an application: "prefetch" is no option of the command line.
 *
 * @param {string} dsn
 * @param {import('../../types.d.ts').WorkerContext} context
 */
export async function startStrictMessengerWorker(dsn, { concurrency, handle }) {
  const messenger = MessengerModule.forRoot({
    transports: { async: dsn },
    routing: [[OrderPlaced, 'async']],
    workers: [{ receivers: ['async'], concurrency, prefetch: 0 }],
  });
  await bootApp([messenger], [handlerFor(handle)]);
}
