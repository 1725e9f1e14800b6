import { MessengerError } from './messenger.error.js';

/** A middleware did not return an envelope, most often for want of `return` before `next(envelope)`. */
export class InvalidMiddlewareResultError extends MessengerError {
  readonly code = 'MESSENGER_INVALID_MIDDLEWARE_RESULT';

  constructor(readonly middlewareName: string) {
    super(`Middleware "${middlewareName}" returned no envelope. Write "return next(envelope)".`);
  }
}
