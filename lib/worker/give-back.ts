import type { Envelope } from '../envelope/envelope.js';
import type { MessengerLogger } from '../event/logger.js';
import { isReleasable } from '../transport/capabilities.js';
import type { Receiver } from '../transport/transport.js';

/** What {@link giveBack} needs of a feed. */
interface Holder {
  readonly name: string;
  readonly receiver: Receiver;
}

/** Gives messages back to their transport that were not started. Those it cannot take return when their lease ends. Never rejects. */
export async function giveBack(
  { name, receiver }: Holder,
  unstarted: readonly Envelope[],
  logger: MessengerLogger,
): Promise<void> {
  if (unstarted.length === 0 || !isReleasable(receiver)) {
    return;
  }
  try {
    await receiver.release(unstarted);
    logger.log('debug', `Gave ${unstarted.length} message(s) back to transport "${name}".`);
  } catch (error) {
    logger.log(
      'warn',
      `Could not give ${unstarted.length} message(s) back to transport "${name}"; they return when their lease ends.`,
      { error },
    );
  }
}
