import type { Envelope } from '../envelope/envelope.js';
import type { Stamp, StampType } from '../envelope/stamp.js';
import { ReceivedStamp } from '../stamp/received.stamp.js';
import type { Middleware, Next } from './middleware.js';

/** A message that brings stamps of its own, for example a `DelayStamp`. */
export interface DefaultStampsProvider {
  /** The stamps to add when the message is dispatched; one whose class the envelope already has is left out. */
  getDefaultStamps(): readonly Stamp[];
}

/** Adds the stamps a message brings itself, see {@link DefaultStampsProvider}. */
export class AddDefaultStampsMiddleware implements Middleware {
  handle(envelope: Envelope, next: Next): Promise<Envelope> {
    const { message } = envelope;
    if (!providesStamps(message) || envelope.has(ReceivedStamp)) {
      return next(envelope);
    }
    const missing = message
      .getDefaultStamps()
      .filter((stamp) => !envelope.has(stamp.constructor as StampType));
    return next(envelope.with(...missing));
  }
}

function providesStamps(message: object): message is DefaultStampsProvider {
  return typeof (message as Partial<DefaultStampsProvider>).getDefaultStamps === 'function';
}
