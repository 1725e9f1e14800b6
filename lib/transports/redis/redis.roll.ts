import type { RollEntry, WorkerRoll } from '../../transport/capabilities.js';
import type { RedisKeys } from './redis.keys.js';
import type { RedisSession } from './redis.session.js';
import { NOW, script } from './scripts/script.js';

/**
 * KEYS workers. ARGV id, details, milliseconds it lasts, "1" to remove what has ended by itself.
 *
 * Each field holds when it was entered, when it ends, and the details. The key ends with the last of them.
 */
const ENTER = script(
  NOW,
  `
-- A write that frees memory comes first: workers shall be seen when memory is full.
redis.call('HDEL', KEYS[1], ARGV[1])
if ARGV[4] == '1' then
  local entries = redis.call('HGETALL', KEYS[1])
  for i = 1, #entries, 2 do
    local ends = tonumber(string.match(entries[i + 1], '^%d+ (%d+) '))
    if not ends or ends <= now then
      redis.call('HDEL', KEYS[1], entries[i])
    end
  end
end
local ends = now + tonumber(ARGV[3])
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %.0f %s', now, ends, ARGV[2]))
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end`,
);

/** KEYS workers. -> now, and the fields. */
const ENTRIES = script(
  NOW,
  `
return { string.format('%.0f', now), redis.call('HGETALL', KEYS[1]) }`,
);

/** The roll of the workers on one stream: a hash, by Redis's clock. */
export class RedisRoll implements WorkerRoll {
  readonly place: string;
  readonly #session: RedisSession;
  readonly #key: string;
  /** Those that were entered by this process. */
  readonly #known = new Set<string>();

  /** @param server unlike that of any other server. */
  constructor(session: RedisSession, keys: RedisKeys, server: string) {
    this.#session = session;
    this.#key = keys.workers;
    this.place = `${server} ${keys.workers}`;
  }

  async enter(id: string, details: string, ttl: number): Promise<void> {
    const isFirst = !this.#known.has(id);
    await this.#session.run(ENTER, [this.#key], [id, details, Math.ceil(ttl), isFirst ? '1' : '0']);
    this.#known.add(id);
  }

  async leave(id: string): Promise<void> {
    this.#known.delete(id);
    await this.#session.call('hdel', this.#key, id);
  }

  async entries(): Promise<readonly RollEntry[]> {
    const reply = await this.#session.run(ENTRIES, [this.#key], []);
    const [now, fields] = reply as readonly [string, readonly string[]];
    const entries: RollEntry[] = [];
    for (let i = 0; i < fields.length; i += 2) {
      const [, entered, ends, details = ''] = /^(\d+) (\d+) (.*)$/s.exec(fields[i + 1] ?? '') ?? [];
      if (Number(ends) > Number(now)) {
        entries.push({ id: fields[i] ?? '', details, age: Math.max(0, Number(now) - Number(entered)) });
      }
    }
    return entries;
  }
}
