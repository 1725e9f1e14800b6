import { NonSendableStamp } from '../envelope/stamp.js';

/**
 * The broker has delivered this message before without seeing it settled: its worker died, or lost its lease.
 * Added by any transport that knows, from the second delivery on.
 */
export class RedeliveredStamp extends NonSendableStamp {
  /** @param deliveryCount how many times the message has been delivered, this one included; at least 2. */
  constructor(readonly deliveryCount: number) {
    super();
  }
}
