import type { Finding } from '../../transport/finding.js';
import { LEASE_MS } from './redis.consumer-lease.js';
import { RELEASED_CONSUMER } from './redis.consumer-name.js';
import { eviction, otherGroups } from './redis.dangers.js';
import type { PipelineReply } from './redis.driver.js';
import type { RedisKeys } from './redis.keys.js';
import type { RedisListing } from './redis.listing.js';
import type { ResolvedRedisOptions } from './redis.options.js';
import { listIn, recordOf, valueIn } from './redis.replies.js';
import { serverFindings } from './redis.server-findings.js';
import type { RedisSession } from './redis.session.js';
import { bound, consumers, type RedisConsumerFacts, trimmed } from './redis.stream-findings.js';

/** Looks for what may lose messages: in the server, in the stream, and among the consumers of the group. Changes nothing. */
export class RedisDiagnosis {
  readonly #session: RedisSession;
  readonly #keys: RedisKeys;
  readonly #options: ResolvedRedisOptions;
  readonly #listing: RedisListing;

  constructor(session: RedisSession, keys: RedisKeys, options: ResolvedRedisOptions, listing: RedisListing) {
    this.#session = session;
    this.#keys = keys;
    this.#options = options;
    this.#listing = listing;
  }

  /** @throws TransportError when the server does not answer. */
  async findings(): Promise<readonly Finding[]> {
    const { stream } = this.#keys;
    const { group } = this.#options;
    // Behind a command with a key, so that a cluster asks the node that has the stream.
    const [groups, first, pending, ...server] = await this.#session.pipeline([
      ['xinfo', 'GROUPS', stream],
      ['xrange', stream, '-', '+', 'COUNT', 1],
      ['xpending', stream, group],
      ['info', 'memory'],
      ['info', 'persistence'],
      ['info', 'replication'],
      ['config', 'GET', 'save'],
      ['config', 'GET', 'appendfsync'],
    ]);
    const [memory, persistence, replication, ...settings] = server;
    const facts = {
      persistence: textIn(persistence),
      replication: textIn(replication),
      settings: new Map(settings.flatMap(settingsIn)),
    };
    return [
      ...serverFindings(facts, this.#options),
      ...eviction(textIn(memory) ?? ''),
      ...trimmed(stream, firstIdIn(first), firstPendingIdIn(pending)),
      ...bound(stream, await this.#listing.counts(), this.#options),
      ...otherGroups(listIn(groups), this.#keys, this.#options),
      ...consumers(group, await this.#consumers(), this.#options, LEASE_MS),
    ];
  }

  async #consumers(): Promise<readonly RedisConsumerFacts[]> {
    const { stream } = this.#keys;
    const { group } = this.#options;
    const [reply] = await this.#session.pipeline([['xinfo', 'CONSUMERS', stream, group]]);
    const infos = listIn(reply)
      .map(recordOf)
      .filter((info) => info.get('name') !== RELEASED_CONSUMER);
    if (infos.length === 0) {
      return [];
    }
    const leases = await this.#session.pipeline(
      infos.map((info) => ['exists', this.#keys.lease(group, String(info.get('name')))]),
    );
    return infos.map((info, index) => ({
      name: String(info.get('name')),
      pending: Number(info.get('pending')),
      idle: Number(info.get('idle')),
      hasLease: leases[index]?.[1] !== 0,
    }));
  }
}

/** Names and values, in what `CONFIG GET` answers. */
function settingsIn(reply: PipelineReply): ReadonlyArray<readonly [string, string]> {
  return Array.from(recordOf(valueIn(reply)), ([name, value]) => [String(name), String(value)] as const);
}

function textIn(reply: PipelineReply | undefined): string | undefined {
  const value = valueIn(reply);
  return typeof value === 'string' ? value : undefined;
}

/** Of the oldest entry, in what `XRANGE` answers. */
function firstIdIn(reply: PipelineReply | undefined): string | undefined {
  const [entry] = listIn(reply) as ReadonlyArray<readonly [id: string]>;
  return entry?.[0];
}

/** Of the oldest message in hand, in what `XPENDING` answers. */
function firstPendingIdIn(reply: PipelineReply | undefined): string | undefined {
  const [count = 0, first] = listIn(reply) as readonly [count?: number, first?: string];
  return count > 0 ? first : undefined;
}
