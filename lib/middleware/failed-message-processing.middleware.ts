import type { Envelope } from '../envelope/envelope.js';
import { ReceivedStamp } from '../stamp/received.stamp.js';
import { SentToFailureTransportStamp } from '../stamp/sent-to-failure-transport.stamp.js';
import type { Middleware, Next } from './middleware.js';

/**
 * Lets a message received from a failure transport look as if it came from the transport it failed on, so that handlers
 * with `fromTransport` run for it again.
 */
export class FailedMessageProcessingMiddleware implements Middleware {
  handle(envelope: Envelope, next: Next): Promise<Envelope> {
    const failed = envelope.last(SentToFailureTransportStamp);
    if (failed === undefined || !envelope.has(ReceivedStamp)) {
      return next(envelope);
    }
    return next(envelope.with(new ReceivedStamp(failed.originalReceiverName)));
  }
}
