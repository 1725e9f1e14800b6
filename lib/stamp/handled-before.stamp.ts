import { NonSendableStamp } from '../envelope/stamp.js';

/**
 * An idempotent handler was not called, since it has handled the message on an earlier delivery. Its `HandledStamp` is there
 * too, without a result.
 */
export class HandledBeforeStamp extends NonSendableStamp {
  constructor(readonly handlerName: string) {
    super();
  }
}
