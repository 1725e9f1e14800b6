import { NonSendableStamp } from '../envelope/stamp.js';

/** The id the transport gave the message: a row id, a stream id. Added by the transport when it sends and receives. */
export class TransportMessageIdStamp extends NonSendableStamp {
  constructor(readonly id: string) {
    super();
  }
}
