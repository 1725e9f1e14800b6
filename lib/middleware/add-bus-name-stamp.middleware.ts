import type { Envelope } from '../envelope/envelope.js';
import { BusNameStamp } from '../stamp/bus-name.stamp.js';
import type { Middleware, Next } from './middleware.js';

/** Writes the name of the bus on every message that has none, so that a worker hands it back to the same bus. */
export class AddBusNameStampMiddleware implements Middleware {
  readonly #stamp: BusNameStamp;

  constructor(busName: string) {
    this.#stamp = new BusNameStamp(busName);
  }

  handle(envelope: Envelope, next: Next): Promise<Envelope> {
    return next(envelope.has(BusNameStamp) ? envelope : envelope.with(this.#stamp));
  }
}
