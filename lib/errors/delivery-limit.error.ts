import { UnrecoverableError } from './unrecoverable.error.js';

/** A message was delivered several times without ever being settled: it may be what kills its workers. */
export class DeliveryLimitError extends UnrecoverableError {
  override readonly code = 'MESSENGER_DELIVERY_LIMIT';

  constructor(
    readonly deliveryCount: number,
    readonly maxDeliveries: number,
  ) {
    super(
      `The message was delivered ${deliveryCount} times and never settled, more than "maxDeliveries" (${maxDeliveries}) allows: ` +
        `its workers died or lost their lease. Retry it by hand once the cause is known.`,
    );
  }
}
