import type { SqlConsumer } from '../sql.queue.js';
import type { Claim } from '../sql.rows.js';
import type { Outlook } from './server.looks.js';
import type { ServerQueue } from './server.queue.js';
import type { ServerTable } from './server.table.js';

/** What a {@link ServerConsumer} is made of. */
export interface ServerConsumerSetup {
  readonly queue: ServerQueue;
  readonly table: ServerTable;
  /** Milliseconds between looks while notices of others arrive, in case one is lost. */
  readonly checkInterval: number;
  /** The most milliseconds between looks while they do not. */
  readonly pollInterval: number;
  /** Ends every wait. */
  readonly closing: AbortSignal;
}

/** The longest pause after looks in vain, as a power of two of milliseconds. */
const MAX_VAIN = 6;

/** The shortest interval between looks while nothing announces messages, in milliseconds. */
const SHORTEST_POLL_MS = 2;

/** While nothing announces messages, a look comes after this part of the time for which there have been none. */
const POLL_PART = 1 / 3;

/** Timers may fire before their time, by less than this, in milliseconds. */
const EARLY_MS = 2;

/** How to look for rows: by trying to claim some, or by asking when there will be some, which disturbs nobody. */
type Look = 'claim' | 'outlook';

/**
 * Fetches what is due, and waits for it if nothing is.
 *
 * Every process that waits hears of a message, and one gets it. The others pause for a random time before they heed the next
 * announcement, the longer the more often they were late, so that a message does not cost a statement of each of them.
 */
export class ServerConsumer implements SqlConsumer {
  readonly #setup: ServerConsumerSetup;
  #vainLooks = 0;
  #foundAt = Number.NEGATIVE_INFINITY;

  constructor(setup: ServerConsumerSetup) {
    this.#setup = setup;
  }

  async next(max: number, wait: number, signal: AbortSignal | undefined): Promise<Claim | undefined> {
    const { closing, table, queue } = this.#setup;
    const signals = signal === undefined ? [closing] : [closing, signal];
    if (signals.some(({ aborted }) => aborted)) {
      return undefined;
    }
    const identity = await table.open();
    if (wait > 0) {
      table.listen();
      return this.#await(max, performance.now() + wait, signals, `${identity}/${queue.name}`);
    }
    return signals.some(({ aborted }) => aborted) ? undefined : this.#claim(max);
  }

  /** @param end by `performance.now()`. */
  async #await(
    max: number,
    end: number,
    signals: readonly AbortSignal[],
    address: string,
  ): Promise<Claim | undefined> {
    const { queue, table } = this.#setup;
    const { arrivals } = table.database;
    const isCancelled = (): boolean => signals.some(({ aborted }) => aborted);
    let look: Look = 'outlook';
    let outlook: Outlook = { at: performance.now(), dueAt: Number.POSITIVE_INFINITY };
    while (!isCancelled()) {
      const version = arrivals.versionOf(address);
      if (look === 'outlook') {
        outlook = await queue.outlook(address, this.#interval);
        look = outlook.dueAt <= performance.now() ? 'claim' : 'outlook';
      }
      if (look === 'claim') {
        const claim = isCancelled() ? undefined : await this.#claim(max);
        if (claim !== undefined) {
          this.#leaveRest(claim, max, address);
          return claim;
        }
      }
      const now = performance.now();
      if (now >= end) {
        return undefined;
      }
      const wasVain: boolean = look === 'claim';
      const deafFor = wasVain ? this.#pause() : 0;
      // Measured from the last look, which others of the process share: so the next is shared as well.
      const latest = Math.min(end, Math.max(now, outlook.at + this.#interval));
      const until = Math.min(latest, Math.max(outlook.dueAt, now + deafFor));
      const reason = await arrivals.wait(address, { version, until, deafFor, signals });
      const isDue = reason === 'elapsed' && performance.now() < latest - EARLY_MS;
      // What was known to become due is claimed without asking; but not what was just tried, in vain.
      look = reason === 'announced' || (isDue && !wasVain) ? 'claim' : 'outlook';
    }
    return undefined;
  }

  /** Where nothing announces messages, they are looked for the more often the shorter ago the last one came. */
  get #interval(): number {
    const { table, checkInterval, pollInterval } = this.#setup;
    if (table.isHearing) {
      return checkInterval;
    }
    const since = performance.now() - this.#foundAt;
    return Math.min(pollInterval, Math.max(SHORTEST_POLL_MS, since * POLL_PART));
  }

  async #claim(max: number): Promise<Claim | undefined> {
    const claim = await this.#setup.queue.claim(max);
    const isVain = claim.rows.length === 0;
    this.#vainLooks = isVain ? Math.min(this.#vainLooks + 1, MAX_VAIN) : 0;
    this.#foundAt = isVain ? this.#foundAt : performance.now();
    return isVain ? undefined : claim;
  }

  #pause(): number {
    return Math.random() * Math.min(50, 2 ** this.#vainLooks);
  }

  /** Another receiver of this process that waits may want what is left. */
  #leaveRest({ rows }: Claim, max: number, address: string): void {
    if (rows.length >= max) {
      this.#setup.table.database.arrivals.announce(address);
    }
  }
}
