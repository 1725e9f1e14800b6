import { TransportError } from '../../errors/transport.error.js';
import { TransportFullError } from '../../errors/transport-full.error.js';
import { Gatherer } from '../../transport/gatherer.js';
import { memberIdOf, memberOf, MESSAGE_FIELD } from './redis.entry-codec.js';
import type { RedisKeys } from './redis.keys.js';
import type { ResolvedRedisOptions } from './redis.options.js';
import type { RedisSession } from './redis.session.js';
import { ADD, ADD_BOUNDED, SCHEDULE } from './scripts/sending.scripts.js';

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

/** The most messages that share a command, since nothing else happens in Redis meanwhile. */
const MAX_TOGETHER = 250;

/** The most characters that share a command. */
const MAX_LENGTH = 1024 * 1024;

/** Writes messages. What is sent in one turn of the event loop shares a round trip. */
export class RedisSender {
  readonly #session: RedisSession;
  readonly #keys: RedisKeys;
  readonly #options: ResolvedRedisOptions;
  readonly #added = new Gatherer<string, Outcome>((entries) => this.#add(entries), MAX_TOGETHER);
  readonly #delayed = new Gatherer<Delayed, Outcome>((messages) => this.#schedule(messages), MAX_TOGETHER);

  #isSendingLone = false;

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
    const [message] = messages;
    if (message !== undefined && this.#isLone(messages)) {
      return [await this.#addLone(message.entry)];
    }
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

  /** Whether nothing else is being sent that could share a command, so that waiting for the end of the turn gains nothing. */
  #isLone([message, ...others]: readonly OutgoingMessage[]): boolean {
    const { streamMaxEntries, waitReplicas } = this.#options;
    const isPlain = message?.delay === 0 && streamMaxEntries === 0 && waitReplicas === 0;
    return isPlain && others.length === 0 && !this.#isSendingLone;
  }

  async #addLone(entry: string): Promise<string> {
    this.#isSendingLone = true;
    try {
      return (await this.#session.call('XADD', this.#keys.stream, '*', MESSAGE_FIELD, entry)) as string;
    } finally {
      this.#isSendingLone = false;
    }
  }

  async #add(entries: readonly string[]): Promise<readonly Outcome[]> {
    const { streamMaxEntries, waitReplicas } = this.#options;
    const add = (slice: readonly string[]): Promise<readonly Outcome[]> =>
      streamMaxEntries > 0 ? this.#addBounded(slice) : this.#addUnbounded(slice);
    const outcomes =
      entries.length === 1 ? await add(entries) : (await Promise.all(slicesOf(entries).map(add))).flat();
    if (waitReplicas > 0) {
      await this.#replicated();
    }
    return outcomes;
  }

  async #addUnbounded(entries: readonly string[]): Promise<readonly Outcome[]> {
    const { stream } = this.#keys;
    const [entry] = entries;
    if (entry !== undefined && entries.length === 1) {
      return [{ id: (await this.#session.call('XADD', stream, '*', MESSAGE_FIELD, entry)) as string }];
    }
    const ids = (await this.#session.run(ADD, [stream], entries)) as readonly string[];
    return ids.map((id) => ({ id }));
  }

  async #addBounded(entries: readonly string[]): Promise<readonly Outcome[]> {
    const { streamMaxEntries, deleteAfterAck } = this.#options;
    const args = [streamMaxEntries, deleteAfterAck ? '0' : '1', ...entries];
    const ids = await this.#session.run(ADD_BOUNDED, [this.#keys.stream], args);
    if (Array.isArray(ids)) {
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
    if (this.#options.waitReplicas > 0) {
      await this.#replicated();
    }
    return messages.map(({ member }, index) => ({ id: memberIdOf(dues[index] ?? '', member) }));
  }

  /** Waits until enough replicas have what was written before. */
  async #replicated(): Promise<void> {
    const { waitReplicas, waitTimeout } = this.#options;
    const count = Number(await this.#session.call('WAIT', waitReplicas, waitTimeout));
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

/** Consecutive entries that fit into one command; a large one has a command of its own. */
function slicesOf(entries: readonly string[]): ReadonlyArray<readonly string[]> {
  const slices: string[][] = [];
  let left = 0;
  for (const entry of entries) {
    const last = slices.at(-1);
    if (last === undefined || entry.length > left) {
      slices.push([entry]);
      left = MAX_LENGTH - entry.length;
    } else {
      last.push(entry);
      left -= entry.length;
    }
  }
  return slices;
}
