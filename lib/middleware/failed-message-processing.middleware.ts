import type { Envelope } from '../envelope/envelope.js';
import { ReceivedStamp } from '../stamp/received.stamp.js';
import { SentToFailureTransportStamp } from '../stamp/sent-to-failure-transport.stamp.js';
import type { Middleware, Next } from './middleware.js';

/**
 * Lets a message received from a failure transport look as if it came from the transport it failed on, so that handlers
 * with `fromTransport` run for it again. Not one from any other transport, where whoever can write could name the transport that
 * handlers trust.
 */
export class FailedMessageProcessingMiddleware implements Middleware {
  readonly #failureTransports: ReadonlySet<string>;

  /** @param failureTransports their names. */
  constructor(failureTransports: ReadonlySet<string>) {
    this.#failureTransports = failureTransports;
  }

  handle(envelope: Envelope, next: Next): Promise<Envelope> {
    const failed = envelope.last(SentToFailureTransportStamp);
    const receivedFrom = envelope.last(ReceivedStamp)?.transportName;
    return failed === undefined || receivedFrom === undefined || !this.#failureTransports.has(receivedFrom)
      ? next(envelope)
      : next(envelope.with(new ReceivedStamp(failed.originalReceiverName)));
  }
}
