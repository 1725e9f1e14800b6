import { NonSendableStamp } from '../../envelope/stamp.js';

/** The claim under which a message was received from Redis. Settling needs it; added by the transport. */
export class RedisReceivedStamp extends NonSendableStamp {
  /**
   * @param id the entry of the stream; of a message that was claimed by its id, the member of the sorted set that holds it.
   * @param deliveryCount which delivery this is, from 1; 0 for a message that was claimed by its id. A pending entry with
   * another count was delivered again since, so it is somebody else's by now.
   */
  constructor(
    readonly id: string,
    readonly deliveryCount: number,
  ) {
    super();
  }
}
