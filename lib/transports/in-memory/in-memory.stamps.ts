import { NonSendableStamp } from '../../envelope/stamp.js';

/** Which delivery of which message an envelope is, so that a settlement that comes too late touches nothing. */
export class InMemoryReceivedStamp extends NonSendableStamp {
  /**
   * @param id the message, as in `TransportMessageIdStamp`.
   * @param claim the delivery: a number no other delivery of the transport has.
   */
  constructor(
    readonly id: string,
    readonly claim: number,
  ) {
    super();
  }
}
