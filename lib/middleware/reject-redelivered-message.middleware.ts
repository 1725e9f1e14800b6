import type { Envelope } from '../envelope/envelope.js';
import { DeliveryLimitError } from '../errors/delivery-limit.error.js';
import { RedeliveredStamp } from '../stamp/redelivered.stamp.js';
import type { Middleware, Next } from './middleware.js';

/**
 * Stops a message that kills its workers: delivered more than `maxDeliveries` times without being settled, it is not
 * handled again but goes to the failure transport. Up to then a redelivered message is handled like any other.
 */
export class RejectRedeliveredMessageMiddleware implements Middleware {
  readonly #maxDeliveries: number;

  constructor(maxDeliveries: number) {
    this.#maxDeliveries = maxDeliveries;
  }

  handle(envelope: Envelope, next: Next): Promise<Envelope> {
    const deliveryCount = envelope.last(RedeliveredStamp)?.deliveryCount ?? 1;
    return deliveryCount > this.#maxDeliveries
      ? Promise.reject(new DeliveryLimitError(deliveryCount, this.#maxDeliveries))
      : next(envelope);
  }
}
