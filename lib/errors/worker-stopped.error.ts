import { MessengerError } from './messenger.error.js';

/** The reason with which a handler's signal is aborted when the worker stops and will wait no longer. */
export class WorkerStoppedError extends MessengerError {
  readonly code = 'MESSENGER_WORKER_STOPPED';

  constructor(readonly grace: number) {
    super(`The worker is stopping, and the handler did not finish within the grace period of ${grace} ms.`);
  }
}
