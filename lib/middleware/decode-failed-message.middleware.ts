import type { Envelope } from '../envelope/envelope.js';
import { MessageDecodingFailedStamp } from '../stamp/message-decoding-failed.stamp.js';
import type { Middleware, Next } from './middleware.js';

/** Fails a message whose bytes could not be decoded with the reason, before anybody takes it for a real one. */
export class DecodeFailedMessageMiddleware implements Middleware {
  handle(envelope: Envelope, next: Next): Promise<Envelope> {
    const failed = envelope.last(MessageDecodingFailedStamp);
    return failed === undefined ? next(envelope) : Promise.reject(failed.error);
  }
}
