import { Stamp } from '../envelope/stamp.js';

/**
 * The identity of a message, given when it is first sent and kept through retries, redeliveries and the failure
 * transport. A duplicate delivery carries the same id.
 */
export class MessageIdStamp extends Stamp {
  constructor(readonly id: string) {
    super();
  }
}
