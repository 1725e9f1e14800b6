import { NonSendableStamp } from '../envelope/stamp.js';

/** The message came from this transport; it is handled, never sent again. */
export class ReceivedStamp extends NonSendableStamp {
  constructor(readonly transportName: string) {
    super();
  }
}
