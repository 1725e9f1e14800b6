import { Stamp } from '../envelope/stamp.js';

/** The message is in a failure transport; `originalReceiverName` is the transport it failed on. */
export class SentToFailureTransportStamp extends Stamp {
  constructor(readonly originalReceiverName: string) {
    super();
  }
}
