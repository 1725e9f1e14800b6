import { MessengerError } from './messenger.error.js';

/** Thrown by a handler to stop its worker: the message takes the ordinary path of a failed one, then the worker drains and ends. */
export class StopWorkerError extends MessengerError {
  readonly code: string = 'MESSENGER_STOP_WORKER';
}
