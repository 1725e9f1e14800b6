import type { DeduplicationLocks } from '../../transport/capabilities.js';
import type { RedisKeys } from './redis.keys.js';
import type { RedisSession } from './redis.session.js';
import { script } from './scripts/script.js';

/** KEYS lock. ARGV token, milliseconds. */
const ACQUIRE = script(`
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`);

/** KEYS lock. ARGV token. */
const RELEASE = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
end`);

/** The locks of one stream: a key for each that holds its owner's token, and that Redis itself lets expire. */
export class RedisLocks implements DeduplicationLocks {
  readonly #session: RedisSession;
  readonly #keys: RedisKeys;

  constructor(session: RedisSession, keys: RedisKeys) {
    this.#session = session;
    this.#keys = keys;
  }

  async acquire(key: string, token: string, ttl: number): Promise<boolean> {
    return (await this.#session.run(ACQUIRE, [this.#keys.lock(key)], [token, ttl])) === 1;
  }

  async release(key: string, token: string): Promise<void> {
    await this.#session.run(RELEASE, [this.#keys.lock(key)], [token]);
  }
}
