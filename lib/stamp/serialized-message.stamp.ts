import { NonSendableStamp } from '../envelope/stamp.js';

/** The body as it was received, so that a retry stores the identical bytes without encoding the message again. */
export class SerializedMessageStamp extends NonSendableStamp {
  constructor(readonly body: string | Uint8Array) {
    super();
  }
}
