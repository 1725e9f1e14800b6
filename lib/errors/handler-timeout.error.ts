import { MessengerError } from './messenger.error.js';

/** A handler did not finish within its `timeout`. Its signal was aborted; whatever it still does is ignored. */
export class HandlerTimeoutError extends MessengerError {
  readonly code = 'MESSENGER_HANDLER_TIMEOUT';

  constructor(
    readonly handlerName: string,
    readonly timeout: number,
  ) {
    super(`Handler "${handlerName}" did not finish within its timeout of ${timeout} ms.`);
  }
}
