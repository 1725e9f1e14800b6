import { NonSendableStamp } from '../envelope/stamp.js';

/** The message was handed to this transport. */
export class SentStamp extends NonSendableStamp {
  constructor(readonly transportName: string) {
    super();
  }
}
