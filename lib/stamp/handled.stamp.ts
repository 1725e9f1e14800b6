import { Stamp } from '../envelope/stamp.js';

/**
 * One handler has handled the message. It travels with a retry, so that only the handlers that failed run again;
 * `result` does not (a result may be anything, and nobody reads it on the other side).
 */
export class HandledStamp<R = unknown> extends Stamp {
  constructor(
    readonly result: R,
    readonly handlerName: string,
  ) {
    super();
  }
}
