import type { AmqpArrival } from './amqp.arrival.js';
import type { AmqpSubscription } from './amqp.subscription.js';

/** How long the broker's next message mostly takes to come after there is room for it, in milliseconds. */
const SOON_MS = 2;

/** How long to wait for a message that the broker says is there before it is asked again, in milliseconds. */
const READY_MS = 50;

/** How long a message that is there may take to come, in milliseconds. Of a broker without a free processor it takes long. */
const PATIENCE_MS = 1000;

/** What is looked at. */
export type AmqpSearched = Pick<AmqpSubscription, 'isDry' | 'isFull' | 'isOpen' | 'buffered' | 'probe'>;

/**
 * Resolves when it is known whether there is a message: one has arrived, or none can come at present, since the queues are empty
 * or nothing more may be pushed. While the broker says that some are ready they are waited for, unless another consumer gets
 * them first: who believed that there is none would turn to what is less urgent.
 *
 * @param isWorthWaiting whether something that is ready may come, and nothing else is to be done. It is asked now and then.
 */
export async function search(
  subscription: AmqpSearched,
  arrival: Pick<AmqpArrival, 'within'>,
  isWorthWaiting: () => boolean,
): Promise<void> {
  if (subscription.isDry || subscription.isFull || (await arrival.within(SOON_MS))) {
    return;
  }
  const deadline = performance.now() + PATIENCE_MS;
  while (subscription.isOpen && (await subscription.probe()) > 0 && subscription.buffered === 0) {
    if ((await arrival.within(READY_MS)) || !isWorthWaiting() || performance.now() >= deadline) {
      return;
    }
  }
}
