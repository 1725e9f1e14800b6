import { NonSendableStamp } from '../envelope/stamp.js';

/** Tells later listeners of a failed message whether a copy was stored for another try. */
export class SentForRetryStamp extends NonSendableStamp {
  constructor(readonly isSent: boolean) {
    super();
  }
}
