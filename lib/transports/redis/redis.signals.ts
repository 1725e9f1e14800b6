import type { RedisKeys } from './redis.keys.js';
import type { RedisSession } from './redis.session.js';
import { NOW, script } from './scripts/script.js';

/** KEYS signals, readers. ARGV name. Wakes whoever waits, see `RedisSignals`. */
const WRITE = script(
  NOW,
  `
-- A write that frees memory comes first: to stop workers shall be possible when memory is full.
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], math.floor(now))
for _, wakeUp in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  redis.call('XADD', wakeUp, 'NOMKSTREAM', 'MAXLEN', 16, '*', 'signal', ARGV[1])
end`,
);

/** How long what was read is trusted while new signals are heard of, in milliseconds. */
const TRUSTED_MS = 5000;

/**
 * Small signals for every process, in a hash of their times by Redis's clock. They are asked for ten times a second; but who
 * waits for messages is woken by a signal, and need not ask so often.
 */
export class RedisSignals {
  readonly #session: RedisSession;
  readonly #keys: RedisKeys;
  readonly #isListening: () => boolean;
  readonly #listeners = new Set<() => void>();
  #heard = 0;
  readonly #known = new Map<string, { readonly time: number | undefined; readonly at: number }>();

  /** @param isListening whether the consumer is being woken now if something happens. */
  constructor(session: RedisSession, keys: RedisKeys, isListening: () => boolean) {
    this.#session = session;
    this.#keys = keys;
    this.#isListening = isListening;
  }

  async write(name: string): Promise<void> {
    await this.#session.run(WRITE, [this.#keys.signals, this.#keys.readers], [name]);
  }

  /** Epoch milliseconds. */
  async read(name: string): Promise<number | undefined> {
    const known = this.#known.get(name);
    const now = performance.now();
    if (known !== undefined && this.#isListening() && now - known.at < TRUSTED_MS) {
      return known.time;
    }
    const heard = this.#heard;
    const reply = await this.#session.call('hget', this.#keys.signals, name);
    const time = reply === null ? undefined : Number(reply);
    // Unless it was outdated while it was on its way.
    if (heard === this.#heard) {
      this.#known.set(name, { time, at: now });
    }
    return time;
  }

  /** A signal was given. */
  heard(): void {
    this.#heard += 1;
    this.#known.clear();
    this.#listeners.forEach((listener) => listener());
  }

  /** Calls the listener when a signal was given. Returns how to stop listening. */
  onSignal(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
