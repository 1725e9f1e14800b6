import { NonSendableStamp } from '../envelope/stamp.js';

/** The envelope holds an `UndecodableMessage`: the transport received bytes its serializer could not read, for this reason. */
export class MessageDecodingFailedStamp extends NonSendableStamp {
  constructor(readonly error: Error) {
    super();
  }
}
