import { TransportFullError } from '../../errors/transport-full.error.js';
import { Gatherer } from '../../transport/gatherer.js';
import type { RedisKeys } from './redis.keys.js';
import { leavesSettled, type ResolvedRedisOptions } from './redis.options.js';
import type { RedisReplicas } from './redis.replicas.js';
import type { RedisSession } from './redis.session.js';
import { ADD_BOUNDED } from './scripts/sending.scripts.js';

/** What became of the messages of one call: their ids, or why none of them was stored. */
type Outcome = { readonly ids: readonly string[] } | { readonly error: unknown };

/** The most calls that share a command, since nothing else happens in Redis meanwhile. */
const MAX_TOGETHER = 250;

/** Writes messages to a stream that may hold so many of them only ("stream_max_entries"). */
export class RedisBoundedSender {
  readonly #session: RedisSession;
  readonly #keys: RedisKeys;
  readonly #options: ResolvedRedisOptions;
  readonly #replicas: RedisReplicas;
  readonly #calls = new Gatherer<readonly string[], Outcome>((calls) => this.#add(calls), {
    maxItems: MAX_TOGETHER,
  });

  constructor(
    session: RedisSession,
    keys: RedisKeys,
    options: ResolvedRedisOptions,
    replicas: RedisReplicas,
  ) {
    this.#session = session;
    this.#keys = keys;
    this.#options = options;
    this.#replicas = replicas;
  }

  /**
   * Stores all of the entries and resolves with their ids, or none.
   *
   * @throws TransportFullError when there is no room for all; MaybeSentError, TransportError.
   */
  async send(entries: readonly string[]): Promise<readonly string[]> {
    if (entries.length === 0) {
      return [];
    }
    const outcome = await this.#calls.add(entries);
    if ('error' in outcome) {
      throw outcome.error;
    }
    await this.#replicas.confirm();
    return outcome.ids;
  }

  async #add(calls: ReadonlyArray<readonly string[]>): Promise<readonly Outcome[]> {
    const { streamMaxEntries } = this.#options;
    const args = [streamMaxEntries, leavesSettled(this.#options) ? '1' : '0', ...calls.flat()];
    const reply = await this.#ask(args);
    if (Array.isArray(reply)) {
      const ids = (reply as readonly string[]).values();
      return calls.map((entries) => ({ ids: entries.map(() => ids.next().value ?? '') }));
    }
    // There may be room for some of them.
    return calls.length === 1
      ? calls.map((entries) => ({ error: this.#full(Number(reply), entries.length) }))
      : (await Promise.all(calls.map((call) => this.#add([call])))).flat();
  }

  async #ask(args: ReadonlyArray<string | number>): Promise<unknown> {
    const mark = this.#session.connection.sendingMark;
    try {
      return await this.#session.run(ADD_BOUNDED, [this.#keys.stream], args);
    } catch (error) {
      throw this.#session.sendingErrorOf(error, mark);
    }
  }

  #full(size: number, wanted: number): TransportFullError {
    return new TransportFullError(
      this.#session.transportName,
      `the stream "${this.#keys.stream}" holds ${size} messages, and "stream_max_entries" allows ` +
        `${this.#options.streamMaxEntries}, so there is no room for ${wanted} more. None is dropped to make room. Nothing was ` +
        'stored: dispatch again later, add workers, or raise the option.',
    );
  }
}
