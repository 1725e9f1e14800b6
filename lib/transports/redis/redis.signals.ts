import type { RedisKeys } from './redis.keys.js';
import type { RedisSession } from './redis.session.js';
import { NOW, script } from './scripts/script.js';

/** KEYS signals. ARGV name. */
const WRITE = script(
  NOW,
  `
-- A write that frees memory comes first: to stop workers shall be possible when memory is full.
redis.call('HDEL', KEYS[1], ARGV[1])
return redis.call('HSET', KEYS[1], ARGV[1], math.floor(now))`,
);

/** Small signals for every process, in a hash of their times by Redis's clock. */
export class RedisSignals {
  readonly #session: RedisSession;
  readonly #keys: RedisKeys;

  constructor(session: RedisSession, keys: RedisKeys) {
    this.#session = session;
    this.#keys = keys;
  }

  async write(name: string): Promise<void> {
    await this.#session.run(WRITE, [this.#keys.signals], [name]);
  }

  /** Epoch milliseconds. */
  async read(name: string): Promise<number | undefined> {
    const time = await this.#session.call('HGET', this.#keys.signals, name);
    return time === null ? undefined : Number(time);
  }
}
