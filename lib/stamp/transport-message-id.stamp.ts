import { NonSendableStamp } from '../envelope/stamp.js';

/** The id the transport gave the message: a row id, a stream id. Added by the transport when it sends and receives. */
export class TransportMessageIdStamp extends NonSendableStamp {
  /** @param isUnique `false` if the id is made of the content, so that messages which are alike have the same. */
  constructor(
    readonly id: string,
    readonly isUnique: boolean = true,
  ) {
    super();
  }
}
