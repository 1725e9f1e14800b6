import type { Clock } from '../../../envelope/clock.js';
import type { SqliteArrivals, WakeReason } from './sqlite.arrivals.js';
import type { SqlConsumer } from '../sql.queue.js';
import type { Claim } from '../sql.rows.js';
import type { SqliteQueue } from './sqlite.queue.js';
import { WaitPlan } from './sqlite.wait-plan.js';

/** What a {@link SqliteConsumer} is made of. */
export interface SqliteConsumerSetup {
  readonly queue: SqliteQueue;
  readonly arrivals: SqliteArrivals;
  readonly clock: Clock;
  /** Milliseconds. */
  readonly pollInterval: number;
  /** Ends every wait. */
  readonly closing: AbortSignal;
}

/** Fetches what is due, and waits for it if nothing is. A wait costs nothing but a slow poll for safety. */
export class SqliteConsumer implements SqlConsumer {
  readonly #setup: SqliteConsumerSetup;

  constructor(setup: SqliteConsumerSetup) {
    this.#setup = setup;
  }

  async next(max: number, wait: number, signal: AbortSignal | undefined): Promise<Claim | undefined> {
    const { queue, arrivals, clock, closing, pollInterval } = this.#setup;
    const signals = signal === undefined ? [closing] : [closing, signal];
    const isCancelled = (): boolean => signals.some(({ aborted }) => aborted);
    const end = clock.now() + wait;
    const plan = new WaitPlan(pollInterval);
    let reason: WakeReason = 'announced';
    const look = await queue.lookout();
    while (!isCancelled()) {
      if (wait > 0) {
        arrivals.listen();
      }
      const outlook = look();
      const now = clock.now();
      const isExpired = outlook.expires_at !== null && outlook.expires_at <= now;
      const isDue = outlook.due_at !== null && outlook.due_at <= now;
      if (isDue || isExpired) {
        const claim = await queue.claim(max, isExpired, isCancelled);
        if (claim.rows.length > 0) {
          return claim;
        }
        // Others were quicker, so there is progress; the next look tells what they left.
        continue;
      }
      if (now >= end) {
        return undefined;
      }
      const { ms, hearsChanges } = plan.next(outlook, reason, now);
      reason = await queue.wait({ ms: Math.min(ms, end - now), signals, hearsChanges });
    }
    return undefined;
  }
}
