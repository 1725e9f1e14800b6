import type { MessengerLogger } from '../event/logger.js';
import { isSettledWithin } from './is-settled-within.js';
import type { ReceiverFeed } from './receiver-feed.js';

/** A stopping worker waits at least this long for its acknowledgements, however short the grace period is. */
const LEAST_SETTLING_MS = 2000;

/** Waits until everything that was handled is settled, or the time for it is over. Never rejects. */
export async function awaitSettlements(
  feeds: readonly ReceiverFeed[],
  grace: number,
  logger: MessengerLogger,
): Promise<void> {
  const settled = Promise.all(feeds.map(({ settler }) => settler.drained()));
  if (!(await isSettledWithin(Math.max(grace, LEAST_SETTLING_MS), settled))) {
    logger.log('error', 'Not everything that was handled could be acknowledged; it will be delivered again.');
  }
}
