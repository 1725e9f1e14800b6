import type { MessageCounts } from '../../transport/capabilities.js';
import { textOf } from './redis.delivery.js';
import { memberIdOf } from './redis.entry-codec.js';
import { isAfter } from './redis.entry-id.js';
import type { FoundMessage } from './redis.claims-by-id.js';
import type { RedisKeys } from './redis.keys.js';
import { leavesSettled, type ResolvedRedisOptions } from './redis.options.js';
import { recordOf } from './redis.replies.js';
import { isRedisError, type RedisSession } from './redis.session.js';
import { RELEASED_CONSUMER } from './redis.consumer-name.js';
import { COUNT } from './scripts/receiving.scripts.js';

/** How many messages are read at once. */
const PAGE = 100;

/** Reads messages without claiming them. */
export class RedisListing {
  readonly #session: RedisSession;
  readonly #keys: RedisKeys;
  readonly #options: ResolvedRedisOptions;

  constructor(session: RedisSession, keys: RedisKeys, options: ResolvedRedisOptions) {
    this.#session = session;
    this.#keys = keys;
    this.#options = options;
  }

  async counts(): Promise<Required<MessageCounts>> {
    const { stream, delayed, held } = this.#keys;
    const { group } = this.#options;
    const reply = await this.#session.run(COUNT, [stream, delayed, held], [group, RELEASED_CONSUMER]);
    const [entries = 0, pending = 0, released = 0, lag = 0, ...sets] = reply as readonly number[];
    const [scheduled = 0, overdue = 0, claimed = 0, expired = 0, oldestAge = 0] = sets;
    // What is deleted once it is settled leaves nothing in the stream but what waits and what is in hand.
    const waiting = leavesSettled(this.#options) ? await this.#countNew(lag) : entries - pending;
    return {
      ready: Math.max(0, waiting) + released + overdue + expired,
      inFlight: pending - released + claimed - expired,
      delayed: scheduled - overdue,
      oldestAge,
    };
  }

  /**
   * Up to `limit` messages: those of the stream in its order, then those that were claimed by their id, then the delayed ones in
   * the order in which they are due.
   */
  async *messages(limit: number): AsyncGenerator<FoundMessage> {
    const { held, delayed } = this.#keys;
    let left = limit;
    for (const source of [this.#entries(), this.#members(held), this.#members(delayed)]) {
      for await (const message of source) {
        if (left-- <= 0) {
          return;
        }
        yield message;
      }
    }
  }

  async *#entries(): AsyncGenerator<FoundMessage> {
    const { stream } = this.#keys;
    let from = '-';
    for (;;) {
      const reply = await this.#session.callBuffer('xrange', stream, from, '+', 'COUNT', PAGE);
      const page = (reply as ReadonlyArray<readonly [Buffer, readonly Uint8Array[]]>).map(
        ([id, fields]) => ({ kind: 'entry', id: textOf(id), fields }) as const,
      );
      yield* leavesSettled(this.#options) ? await this.#unsettled(page) : page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) {
        return;
      }
      from = `(${last.id}`;
    }
  }

  /** The messages of a sorted set. */
  async *#members(key: string): AsyncGenerator<FoundMessage> {
    for (let from = 0; ; from += PAGE) {
      const args = [key, from, from + PAGE - 1, 'WITHSCORES'] as const;
      const reply = (await this.#session.callBuffer('zrange', ...args)) as readonly Buffer[];
      for (let i = 0; i + 1 < reply.length; i += 2) {
        const member = reply[i] as Buffer;
        yield { kind: 'member', key, id: memberIdOf(textOf(reply[i + 1]), member), member };
      }
      if (reply.length < 2 * PAGE) {
        return;
      }
    }
  }

  /** Without those that the group has settled, where they stay in the stream. */
  async #unsettled<T extends { readonly id: string }>(page: readonly T[]): Promise<readonly T[]> {
    const [first, last] = [page[0], page.at(-1)];
    const lastDelivered = await this.#lastDelivered();
    if (first === undefined || last === undefined || lastDelivered === undefined) {
      return page;
    }
    const { group } = this.#options;
    const reply = await this.#session.call(
      'xpending',
      this.#keys.stream,
      group,
      first.id,
      last.id,
      page.length,
    );
    const pending = new Set((reply as ReadonlyArray<readonly [string]>).map(([id]) => id));
    return page.filter(({ id }) => pending.has(id) || isAfter(id, lastDelivered));
  }

  /** @param lag what Redis says; -1 if it does not know. */
  async #countNew(lag: number): Promise<number> {
    if (lag >= 0) {
      return lag;
    }
    let from = await this.#lastDelivered();
    for (let count = 0; ;) {
      const reply = await this.#session.call(
        'xrange',
        this.#keys.stream,
        `(${from ?? '0-0'}`,
        '+',
        'COUNT',
        PAGE,
      );
      const page = reply as ReadonlyArray<readonly [string]>;
      count += page.length;
      from = page.at(-1)?.[0];
      if (page.length < PAGE) {
        return count;
      }
    }
  }

  async #lastDelivered(): Promise<string | undefined> {
    try {
      const groups = await this.#session.call('xinfo', 'GROUPS', this.#keys.stream);
      const infos = (groups as readonly unknown[]).map(recordOf);
      return infos
        .find((info) => info.get('name') === this.#options.group)
        ?.get('last-delivered-id') as string;
    } catch (error) {
      if (isRedisError(error, 'ERR')) {
        return undefined;
      }
      throw error;
    }
  }
}
