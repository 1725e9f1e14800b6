import { Stamp } from '../envelope/stamp.js';

/** Names the bus a message was dispatched on, so that a worker hands it back to the same bus. */
export class BusNameStamp extends Stamp {
  constructor(readonly busName: string) {
    super();
  }
}
