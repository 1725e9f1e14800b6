import { NonSendableStamp } from '../../envelope/stamp.js';

/** The claim under which a message was received from a table. Settling needs it; added by the transport. */
export class SqlReceivedStamp extends NonSendableStamp {
  /**
   * @param rowId the row that holds the message.
   * @param owner the claim's token: `host:pid:random/number`. A row with another token is somebody else's by now.
   */
  constructor(
    readonly rowId: number,
    readonly owner: string,
  ) {
    super();
  }
}
