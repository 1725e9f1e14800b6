import { NotConsumableError } from '../../errors/not-consumable.error.js';
import type { RedisDelivery } from './redis.delivery.js';
import {
  decodeEntry,
  decodeMember,
  encodeEntry,
  memberIdOf,
  memberOf,
  MESSAGE_FIELD,
} from './redis.entry-codec.js';
import type { RedisKeys } from './redis.keys.js';
import type { ResolvedRedisOptions } from './redis.options.js';
import type { RedisSession } from './redis.session.js';
import { CLAIM_ENTRY, CLAIM_MEMBER } from './scripts/receiving.scripts.js';

/** The id of an entry of a stream. */
const ENTRY_ID = /^\d{1,19}-\d{1,19}$/;

/** The largest number in the id of an entry. */
const LARGEST = 2n ** 64n - 1n;

/** The id of a message in a sorted set, see `memberIdOf`. */
const MEMBER_ID = /^(\d{1,16}\.\d{3}):[\w-]{12}$/;

/** How far the score of a message may be from what its id says. */
const ROUNDING = 0.001;

/** An entry of the stream. */
interface FoundEntry {
  readonly kind: 'entry';
  readonly id: string;
  readonly fields: readonly Uint8Array[];
}

/** A member of a sorted set: delayed, or claimed by its id. */
interface FoundMember {
  readonly kind: 'member';
  readonly id: string;
  /** Of the set. */
  readonly key: string;
  readonly member: Buffer;
}

/** A message that was looked up without being claimed. */
export type FoundMessage = FoundEntry | FoundMember;

/** Finds single messages by their ids, and claims them. */
export class RedisClaimsById {
  readonly #session: RedisSession;
  readonly #keys: RedisKeys;
  readonly #options: ResolvedRedisOptions;

  constructor(session: RedisSession, keys: RedisKeys, options: ResolvedRedisOptions) {
    this.#session = session;
    this.#keys = keys;
    this.#options = options;
  }

  async find(id: string): Promise<FoundMessage | undefined> {
    const { delayed, held } = this.#keys;
    return isEntryId(id)
      ? this.#findEntry(id)
      : ((await this.#findMember(delayed, id)) ?? this.#findMember(held, id));
  }

  /**
   * Claims a message unless somebody holds it.
   *
   * @throws NotConsumableError for a message nobody has received yet, in a stream from which nothing is deleted.
   */
  async claim(id: string): Promise<RedisDelivery | undefined> {
    const found = await this.find(id);
    if (found === undefined) {
      return undefined;
    }
    return found.kind === 'entry' ? this.#claimEntry(found) : this.#claimMember(found);
  }

  async #findEntry(id: string): Promise<FoundEntry | undefined> {
    const reply = await this.#session.callBuffer('xrange', this.#keys.stream, id, id);
    const [entry] = reply as ReadonlyArray<readonly [unknown, readonly Uint8Array[]]>;
    return entry === undefined ? undefined : { kind: 'entry', id, fields: entry[1] };
  }

  async #findMember(key: string, id: string): Promise<FoundMember | undefined> {
    const score = MEMBER_ID.exec(id)?.[1];
    if (score === undefined) {
      return undefined;
    }
    const range = [Number(score) - ROUNDING, Number(score) + ROUNDING];
    const members = (await this.#session.callBuffer('zrangebyscore', key, ...range)) as readonly Buffer[];
    const member = members.find((each) => memberIdOf(score, each) === id);
    return member === undefined ? undefined : { kind: 'member', id, key, member };
  }

  async #claimEntry({ id, fields }: FoundEntry): Promise<RedisDelivery | undefined> {
    const { stream, held } = this.#keys;
    const { group, consumer, deleteAfterReject } = this.#options;
    const member = memberOf(encodeEntry(decodeEntry(fields)));
    const args = [group, consumer, id, this.#lease, member, deleteAfterReject ? '1' : '0'];
    const count = await this.#session.run(CLAIM_ENTRY, [stream, held], args);
    if (count === -1) {
      throw new NotConsumableError(
        this.#session.transportName,
        `cannot hand out message "${id}" by its id: nobody has received it yet, and with "delete_after_reject" off it may not ` +
          'leave the stream. Consume it with a worker instead',
      );
    }
    if (count === null) {
      return undefined;
    }
    return count === 0 ? { id: member, count: 0, fields } : { id, count: Number(count), fields };
  }

  async #claimMember({ key, member }: FoundMember): Promise<RedisDelivery | undefined> {
    const { held } = this.#keys;
    const entry = encodeEntry(decodeMember(member));
    const claimed = memberOf(entry);
    const isOurs = await this.#session.run(CLAIM_MEMBER, [key, held], [member, claimed, this.#lease]);
    const fields = [MESSAGE_FIELD, entry].map((text) => Buffer.from(text));
    return isOurs === 1 ? { id: claimed, count: 0, fields } : undefined;
  }

  /** Milliseconds. */
  get #lease(): number {
    return Math.round(this.#options.redeliverTimeout * 1000);
  }
}

function isEntryId(id: string): boolean {
  return ENTRY_ID.test(id) && id.split('-').every((part) => BigInt(part) <= LARGEST);
}
