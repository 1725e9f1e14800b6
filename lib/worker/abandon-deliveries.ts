import { WorkerStoppedError } from '../errors/worker-stopped.error.js';
import type { MessengerLogger } from '../event/logger.js';
import type { DeliveriesInHand } from './deliveries-in-hand.js';

/**
 * Leaves behind what is still being handled after the grace period: tells the handlers, and those who read the log.
 *
 * @returns how many messages there were.
 */
export function abandonDeliveries(
  deliveries: DeliveriesInHand,
  grace: number,
  logger: MessengerLogger,
): number {
  const { size } = deliveries;
  if (size > 0) {
    const text = `${size} message(s) are left unfinished after ${grace} ms; they will be delivered again.`;
    logger.log('error', text);
    for (const delivery of deliveries) {
      delivery.abort(new WorkerStoppedError(grace));
    }
  }
  return size;
}
