import { Stamp } from '../envelope/stamp.js';

/** How often handling was retried after a failure. There is one per envelope: each retry replaces it. */
export class RedeliveryStamp extends Stamp {
  constructor(
    readonly retryCount: number,
    readonly redeliveredAt: Date,
  ) {
    super();
  }
}
