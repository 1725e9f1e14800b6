import { Gatherer } from '../../transport/gatherer.js';
import { RedisBoundedSender } from './redis.bounded-sender.js';
import { memberIdOf, memberOf, MESSAGE_FIELD } from './redis.entry-codec.js';
import type { RedisKeys } from './redis.keys.js';
import type { ResolvedRedisOptions } from './redis.options.js';
import { RedisReplicas } from './redis.replicas.js';
import type { RedisSession } from './redis.session.js';
import { ADD, SCHEDULE } from './scripts/sending.scripts.js';

/** A message as it is written. */
export interface OutgoingMessage {
  /** The text of its entry. */
  readonly entry: string;
  /** Milliseconds until it is due. */
  readonly delay: number;
}

interface Delayed {
  readonly member: string;
  /** By the clock of this process, which is only asked how long the message has waited to be sent. */
  readonly dueAt: number;
}

/**
 * The most messages that share a command. A few such commands on their way keep both sides busy: while Redis carries out one,
 * the answer to the one before lets its callers go on. One large command would make them wait for each other.
 */
const MAX_TOGETHER = 16;

/** The most characters that share a command, since nothing else happens in Redis meanwhile. */
const MAX_LENGTH = 256 * 1024;

/** Writes messages. What is sent in one turn of the event loop shares a round trip. */
export class RedisSender {
  readonly #session: RedisSession;
  readonly #keys: RedisKeys;
  readonly #options: ResolvedRedisOptions;
  readonly #replicas: RedisReplicas;
  readonly #bounded: RedisBoundedSender;
  readonly #added: Gatherer<string, string>;
  readonly #delayed: Gatherer<Delayed, string>;
  #isSendingLone = false;
  #turnBeganAt: number | undefined;

  constructor(session: RedisSession, keys: RedisKeys, options: ResolvedRedisOptions) {
    this.#session = session;
    this.#keys = keys;
    this.#options = options;
    this.#replicas = new RedisReplicas(session, keys, options);
    this.#bounded = new RedisBoundedSender(session, keys, options, this.#replicas);
    // Replicas confirm everything that was written before: the larger a flush, the fewer times they are asked.
    const how = { maxItems: MAX_TOGETHER, overlaps: options.waitReplicas === 0 };
    this.#added = new Gatherer((entries) => this.#add(entries), how);
    this.#delayed = new Gatherer((messages) => this.#schedule(messages), how);
  }

  /**
   * Stores messages and resolves with their ids.
   *
   * @throws MaybeSentError when the connection was lost before the answer, or too few replicas have what is stored;
   * TransportFullError when "stream_max_entries" is reached; TransportError.
   */
  async send(messages: readonly OutgoingMessage[]): Promise<readonly string[]> {
    // First those that are not delayed: if there is no room for them, the others shall not be stored either.
    const added = await this.#addAll(messages.filter(({ delay }) => delay === 0).map(({ entry }) => entry));
    const delayed = await Promise.all(
      messages.filter(({ delay }) => delay > 0).map((each) => this.#delayed.add(delayedOf(each))),
    );
    const ids = { added: added.values(), delayed: delayed.values() };
    return messages.map(({ delay }) => (delay > 0 ? ids.delayed : ids.added).next().value ?? '');
  }

  /** Stores one message and resolves with its id. Throws as {@link send} does. */
  sendOne(message: OutgoingMessage): Promise<string> {
    const { entry, delay } = message;
    if (delay > 0) {
      return this.#delayed.add(delayedOf(message));
    }
    if (this.#options.streamMaxEntries > 0) {
      return this.#bounded.send([entry]).then(([id = '']) => id);
    }
    return this.#isLone() ? this.#addLone(entry) : this.#added.add(entry);
  }

  async #addAll(entries: readonly string[]): Promise<readonly string[]> {
    return this.#options.streamMaxEntries > 0
      ? this.#bounded.send(entries)
      : Promise.all(entries.map((entry) => this.#added.add(entry)));
  }

  /** Whether nothing else is being sent that could share a command, so that waiting for the end of the turn gains nothing. */
  #isLone(): boolean {
    return this.#options.waitReplicas === 0 && !this.#isSendingLone && !this.#added.isBusy;
  }

  async #addLone(entry: string): Promise<string> {
    this.#isSendingLone = true;
    const { connection } = this.#session;
    const mark = connection.sendingMark;
    try {
      const args = [this.#keys.stream, '*', MESSAGE_FIELD, entry];
      return (await connection.ask((client) => client.call('xadd', args))) as string;
    } catch (error) {
      throw this.#session.sendingErrorOf(error, mark);
    } finally {
      this.#isSendingLone = false;
    }
  }

  async #add(entries: readonly string[]): Promise<readonly string[]> {
    const slices = entries.length === 1 ? [entries] : slicesOf(entries);
    const ids = await Promise.all(slices.map((slice) => this.#addSlice(slice)));
    await this.#replicas.confirm();
    return ids.flat();
  }

  async #addSlice(entries: readonly string[]): Promise<readonly string[]> {
    const { stream } = this.#keys;
    const [entry] = entries;
    const mark = this.#session.connection.sendingMark;
    try {
      return entry !== undefined && entries.length === 1
        ? [(await this.#session.call('xadd', stream, '*', MESSAGE_FIELD, entry)) as string]
        : ((await this.#session.run(ADD, [stream], entries)) as readonly string[]);
    } catch (error) {
      throw this.#session.sendingErrorOf(error, mark);
    }
  }

  async #schedule(messages: readonly Delayed[]): Promise<readonly string[]> {
    const { delayed, readers } = this.#keys;
    const now = this.#turn();
    const args = messages.flatMap(({ member, dueAt }) => [Math.max(0, dueAt - now).toFixed(3), member]);
    const mark = this.#session.connection.sendingMark;
    try {
      const dues = (await this.#session.run(SCHEDULE, [delayed, readers], args)) as readonly string[];
      await this.#replicas.confirm();
      return messages.map(({ member }, index) => memberIdOf(dues[index] ?? '', member));
    } catch (error) {
      throw this.#session.sendingErrorOf(error, mark);
    }
  }

  /** One time for all commands that leave together, or those of the later ones would overtake those of the first. */
  #turn(): number {
    if (this.#turnBeganAt === undefined) {
      this.#turnBeganAt = performance.now();
      queueMicrotask(() => (this.#turnBeganAt = undefined));
    }
    return this.#turnBeganAt;
  }
}

function delayedOf({ entry, delay }: OutgoingMessage): Delayed {
  return { member: memberOf(entry), dueAt: performance.now() + delay };
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
