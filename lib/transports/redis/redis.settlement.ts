import { RELEASED_CONSUMER } from './redis.consumer-name.js';
import type { RedisArgument } from './redis.driver.js';
import type { RedisClaim } from './redis.delivery.js';
import { memberOf } from './redis.entry-codec.js';
import type { RedisKeys } from './redis.keys.js';
import type { ResolvedRedisOptions } from './redis.options.js';
import type { OutgoingMessage } from './redis.sender.js';
import { isRedisError, type RedisSession } from './redis.session.js';
import type { RedisScript } from './scripts/script.js';
import { PROLONG, RELEASE, REQUEUE, SETTLE } from './scripts/settling.scripts.js';

/** A claimed message, and the copy that takes its place in the stream of `to`. */
export interface Replacement {
  readonly claim: RedisClaim;
  readonly copy: OutgoingMessage;
  readonly to: RedisKeys;
}

/** The most claims that one run of a script settles, since nothing else happens in Redis meanwhile. */
const MAX_TOGETHER = 1000;

/**
 * What becomes of claimed messages. Each method answers, for each claim, whether it still held; one that did not is left alone.
 */
export class RedisSettlement {
  readonly #session: RedisSession;
  readonly #keys: RedisKeys;
  readonly #options: ResolvedRedisOptions;
  /** Milliseconds. */
  readonly #lease: number;

  constructor(session: RedisSession, keys: RedisKeys, options: ResolvedRedisOptions) {
    this.#session = session;
    this.#keys = keys;
    this.#options = options;
    this.#lease = Math.round(options.redeliverTimeout * 1000);
  }

  /** Acknowledges, and deletes if the options say so. */
  acknowledge(claims: readonly RedisClaim[]): Promise<readonly boolean[]> {
    return this.#settle(claims, this.#options.deleteAfterAck);
  }

  reject(claims: readonly RedisClaim[]): Promise<readonly boolean[]> {
    return this.#settle(claims, this.#options.deleteAfterReject);
  }

  prolong(claims: readonly RedisClaim[]): Promise<readonly boolean[]> {
    const { stream, held } = this.#keys;
    return this.#each(claims, PROLONG, [stream, held], [this.#lease], valuesOf);
  }

  /** @param delay milliseconds until the messages may be claimed. */
  release(claims: readonly RedisClaim[], delay: number): Promise<readonly boolean[]> {
    const { stream, held, delayed, readers } = this.#keys;
    const args = [RELEASED_CONSUMER, Math.ceil(delay), this.#lease];
    return this.#each(claims, RELEASE, [stream, held, delayed, readers], args, valuesOf);
  }

  /** @throws TransportError when a copy could not be stored; `NOGROUP` is among its causes then. Nothing is changed. */
  async replace(replacements: readonly Replacement[]): Promise<readonly boolean[]> {
    const held = new Map<Replacement, boolean>();
    const targets = new Set(replacements.map(({ to }) => to));
    await Promise.all(
      [...targets].map(async (to) => {
        const items = replacements.filter((item) => item.to === to);
        const answers = await this.#replaceIn(to, items);
        items.forEach((item, index) => held.set(item, answers[index] ?? false));
      }),
    );
    return replacements.map((item) => held.get(item) ?? false);
  }

  #replaceIn(to: RedisKeys, items: readonly Replacement[]): Promise<readonly boolean[]> {
    const { stream, held } = this.#keys;
    const keys = [stream, held, to.stream, to.delayed, to.readers];
    return this.#each(items, REQUEUE, keys, [flag(this.#options.deleteAfterReject)], ({ claim, copy }) => {
      const { entry, delay } = copy;
      return [...valuesOf(claim), delay, delay > 0 ? memberOf(entry) : entry];
    });
  }

  #settle(claims: readonly RedisClaim[], deletes: boolean): Promise<readonly boolean[]> {
    const { stream, held } = this.#keys;
    return this.#each(claims, SETTLE, [stream, held], [flag(deletes)], valuesOf);
  }

  async #each<T>(
    items: readonly T[],
    script: RedisScript,
    keys: readonly string[],
    args: readonly RedisArgument[],
    values: (item: T) => readonly RedisArgument[],
  ): Promise<readonly boolean[]> {
    const { group, consumer } = this.#options;
    const held: boolean[] = [];
    for (let from = 0; from < items.length; from += MAX_TOGETHER) {
      const slice = items.slice(from, from + MAX_TOGETHER);
      const lost = await this.#run(script, keys, [group, consumer, ...args, ...slice.flatMap(values)]);
      held.push(...slice.map((_, index) => lost !== 'all' && !lost.has(index)));
    }
    return held;
  }

  /** The positions of the claims that were lost; all of them if there is no group any more. */
  async #run(
    script: RedisScript,
    keys: readonly string[],
    args: readonly RedisArgument[],
  ): Promise<ReadonlySet<number> | 'all'> {
    try {
      return new Set((await this.#session.run(script, keys, args)) as readonly number[]);
    } catch (error) {
      // Nothing can be pending. A copy that is to take its place is another matter: it must not be forgotten.
      if (isRedisError(error, 'NOGROUP') && script !== REQUEUE) {
        return 'all';
      }
      throw error;
    }
  }
}

function valuesOf({ id, deliveryCount }: RedisClaim): readonly RedisArgument[] {
  return [id, deliveryCount];
}

function flag(is: boolean): string {
  return is ? '1' : '0';
}
