import { NotConsumableError } from './not-consumable.error.js';

/**
 * Another live worker consumes the transport under the same consumer name. Two under one name would handle messages twice,
 * so this one does not start, or ends if it finds out later.
 */
export class ConsumerInUseError extends NotConsumableError {
  override readonly code = 'MESSENGER_CONSUMER_IN_USE';

  /** @param holder who has the name, e.g. `process 4711 on host "web-1"`. */
  constructor(
    transportName: string,
    readonly consumer: string,
    readonly holder: string,
  ) {
    super(
      transportName,
      `is already consumed by ${holder} under the consumer name "${consumer}". Give each worker a name of its own: set ` +
        `MESSENGER_CONSUMER_NAME to something that is unique to the process, such as the name of the Supervisor slot, the ` +
        `systemd instance or the pod; or leave the name out, and it is made unique`,
    );
  }
}
