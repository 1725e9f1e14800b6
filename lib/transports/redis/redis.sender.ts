import { TransportError } from '../../errors/transport.error.js';
import { TransportFullError } from '../../errors/transport-full.error.js';
import { Gatherer } from '../../transport/gatherer.js';
import type { RedisArgument } from './redis.driver.js';
import { memberIdOf, memberOf, MESSAGE_FIELD } from './redis.entry-codec.js';
import type { RedisKeys } from './redis.keys.js';
import type { ResolvedRedisOptions } from './redis.options.js';
import type { RedisSession } from './redis.session.js';
import { ADD_BOUNDED, SCHEDULE } from './scripts/sending.scripts.js';

/** A message as it is written. */
export interface OutgoingMessage {
  /** The text of its entry. */
  readonly entry: string;
  /** Milliseconds until it is due. */
  readonly delay: number;
}

/** What became of one message: its id, or why it was not stored. */
type Outcome = { readonly id: string } | { readonly error: unknown };

interface Delayed {
  readonly member: string;
  readonly delay: number;
}

/** The most messages that share a round trip. */
const MAX_TOGETHER = 500;

/** Writes messages. What is sent in one turn of the event loop shares a round trip. */
export class RedisSender {
  readonly #session: RedisSession;
  readonly #keys: RedisKeys;
  readonly #options: ResolvedRedisOptions;
  readonly #added = new Gatherer<string, Outcome>((entries) => this.#add(entries), MAX_TOGETHER);
  readonly #delayed = new Gatherer<Delayed, Outcome>((messages) => this.#schedule(messages), MAX_TOGETHER);

  constructor(session: RedisSession, keys: RedisKeys, options: ResolvedRedisOptions) {
    this.#session = session;
    this.#keys = keys;
    this.#options = options;
  }

  /**
   * Stores messages and resolves with their ids.
   *
   * @throws TransportFullError when "stream_max_entries" is reached; TransportError.
   */
  async send(messages: readonly OutgoingMessage[]): Promise<readonly string[]> {
    const outcomes = await Promise.all(
      messages.map(({ entry, delay }) =>
        delay > 0 ? this.#delayed.add({ member: memberOf(entry), delay }) : this.#added.add(entry),
      ),
    );
    return outcomes.map((outcome) => {
      if ('error' in outcome) {
        throw outcome.error;
      }
      return outcome.id;
    });
  }

  async #add(entries: readonly string[]): Promise<readonly Outcome[]> {
    const { streamMaxEntries, waitReplicas } = this.#options;
    if (streamMaxEntries > 0) {
      return this.#addBounded(entries);
    }
    const [entry] = entries;
    if (entry !== undefined && entries.length === 1 && waitReplicas === 0) {
      return [{ id: (await this.#session.call('XADD', ...this.#appending(entry))) as string }];
    }
    return this.#together(entries.map((each) => ['xadd', ...this.#appending(each)]));
  }

  #appending(entry: string): readonly string[] {
    return [this.#keys.stream, '*', MESSAGE_FIELD, entry];
  }

  async #addBounded(entries: readonly string[]): Promise<readonly Outcome[]> {
    const { streamMaxEntries, deleteAfterAck } = this.#options;
    const args = [streamMaxEntries, deleteAfterAck ? '0' : '1', ...entries];
    const ids = await this.#session.run(ADD_BOUNDED, [this.#keys.stream], args);
    if (Array.isArray(ids)) {
      await this.#replicated();
      return (ids as readonly string[]).map((id) => ({ id }));
    }
    // There may be room for some of them.
    return entries.length === 1
      ? [{ error: this.#full(Number(ids)) }]
      : (await Promise.all(entries.map((entry) => this.#addBounded([entry])))).flat();
  }

  async #schedule(messages: readonly Delayed[]): Promise<readonly Outcome[]> {
    const { delayed, readers } = this.#keys;
    const args = messages.flatMap(({ member, delay }) => [delay, member]);
    const dues = (await this.#session.run(SCHEDULE, [delayed, readers], args)) as readonly string[];
    await this.#replicated();
    return messages.map(({ member }, index) => ({ id: memberIdOf(dues[index] ?? '', member) }));
  }

  async #together(commands: ReadonlyArray<readonly RedisArgument[]>): Promise<readonly Outcome[]> {
    const { waitReplicas } = this.#options;
    const waiting = waitReplicas > 0 ? [this.#waiting()] : [];
    const replies = await this.#session.pipeline([...commands, ...waiting]);
    if (waitReplicas > 0) {
      const [error, count] = replies.at(-1) ?? [];
      this.#assertReplicated(error ?? undefined, Number(count));
    }
    return replies
      .slice(0, commands.length)
      .map(([error, id]) => (error === null ? { id: String(id) } : { error: this.#session.errorOf(error) }));
  }

  /** Waits until enough replicas have what was written before. */
  async #replicated(): Promise<void> {
    if (this.#options.waitReplicas > 0) {
      const [[error, count] = []] = await this.#session.pipeline([this.#waiting()]);
      this.#assertReplicated(error ?? undefined, Number(count));
    }
  }

  #waiting(): readonly RedisArgument[] {
    return ['wait', this.#options.waitReplicas, this.#options.waitTimeout];
  }

  #assertReplicated(error: Error | undefined, count: number): void {
    if (error !== undefined) {
      throw this.#session.errorOf(error);
    }
    const { waitReplicas, waitTimeout } = this.#options;
    if (count < waitReplicas) {
      throw new TransportError(
        this.#session.transportName,
        `the message is stored, but only ${count} of ${waitReplicas} replica(s) ("wait_replicas") had it within ${waitTimeout} ms. ` +
          'It may be lost in a failover, or handled.',
      );
    }
  }

  #full(size: number): TransportFullError {
    return new TransportFullError(
      this.#session.transportName,
      `the stream "${this.#keys.stream}" holds ${size} messages, and "stream_max_entries" allows ${this.#options.streamMaxEntries}. ` +
        'None of them is dropped to make room. Nothing was stored: dispatch again later, add workers, or raise the option.',
    );
  }
}
