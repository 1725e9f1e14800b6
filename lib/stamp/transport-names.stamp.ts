import { Stamp } from '../envelope/stamp.js';

/** Sends the message to exactly these transports, whatever the routing says. An empty list means: handle it here. */
export class TransportNamesStamp extends Stamp {
  readonly transportNames: readonly string[];

  constructor(transportNames: string | readonly string[]) {
    super();
    this.transportNames = typeof transportNames === 'string' ? [transportNames] : transportNames;
  }
}
