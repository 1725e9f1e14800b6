import { deliveriesOf, type RedisDelivery } from './redis.delivery.js';
import type { RedisInHand } from './redis.in-hand.js';
import type { RedisKeys } from './redis.keys.js';
import type { ResolvedRedisOptions } from './redis.options.js';
import type { RedisPresence } from './redis.presence.js';
import type { RedisSession } from './redis.session.js';
import { RESUME } from './scripts/receiving.scripts.js';

/** What a {@link RedisResumption} is made of. */
export interface RedisResumptionSetup {
  readonly session: RedisSession;
  readonly keys: RedisKeys;
  readonly options: ResolvedRedisOptions;
  readonly presence: RedisPresence;
  readonly inHand: RedisInHand;
  /** Called with the number of messages that were deleted behind the transport's back. */
  readonly onDeleted: (count: number) => void;
}

/** Where a look begins; no entry has it. */
const BEGINNING = '0-0';

/** How many pending messages are looked at together. */
const PAGE = 100;

/**
 * Hands out what is pending under the consumer's own name and in nobody's hands: a predecessor died with it, or its reply was
 * lost with a connection.
 */
export class RedisResumption {
  readonly #setup: RedisResumptionSetup;
  /** The last message that was looked at; nothing once it is through. */
  #after: string | undefined;
  #upTo = BEGINNING;
  #round = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(setup: RedisResumptionSetup) {
    this.#setup = setup;
  }

  get isThrough(): boolean {
    return this.#after === undefined;
  }

  /** To be called when the place in the group was taken. What was handed out since is on its way to another fetch. */
  begin(): void {
    this.#round += 1;
    this.#upTo = this.#setup.presence.lastDelivered;
    this.#after = this.#upTo === BEGINNING ? undefined : BEGINNING;
  }

  /** Up to `max` messages; none once it is through. One fetch at a time looks, or two would claim the same. */
  next(max: number): Promise<readonly RedisDelivery[]> {
    const turn = this.#turn.then(() => this.#next(max));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #next(max: number): Promise<readonly RedisDelivery[]> {
    const { inHand, presence } = this.#setup;
    while (this.#after !== undefined) {
      const round = this.#round;
      const page = await this.#pageAfter(this.#after);
      const left = page.filter((id) => !inHand.has(id));
      const ids = left.slice(0, max);
      const resumed = ids.length === 0 ? [] : await this.#claim(ids);
      inHand.add(resumed, presence.era);
      const isThrough = ids.length === left.length && page.length < PAGE;
      if (round === this.#round) {
        this.#after = isThrough ? undefined : (ids.length < left.length ? ids : page).at(-1);
      }
      if (resumed.length > 0) {
        return resumed;
      }
    }
    return [];
  }

  async #pageAfter(after: string): Promise<readonly string[]> {
    const { session, keys, options } = this.#setup;
    const range = [`(${after}`, this.#upTo, PAGE, options.consumer] as const;
    const reply = await session.call('xpending', keys.stream, options.group, ...range);
    return (reply as ReadonlyArray<readonly [id: string]>).map(([id]) => id);
  }

  async #claim(ids: readonly string[]): Promise<readonly RedisDelivery[]> {
    const { session, keys, options, onDeleted } = this.#setup;
    const reply = await session.runBuffer(RESUME, [keys.stream], [options.group, options.consumer, ...ids]);
    const [deleted, resumed] = reply as readonly [number, unknown];
    onDeleted(deleted);
    return deliveriesOf(resumed);
  }
}
