import { quoted } from '../../errors/quoted.js';
import type { Finding } from '../../transport/finding.js';
import type { RedisKeys } from './redis.keys.js';
import type { ResolvedRedisOptions } from './redis.options.js';
import type { RedisSession } from './redis.session.js';

/**
 * What is set up so that messages may get lost, as a worker looks for it when it begins; nothing of what the user has no
 * permission to ask. `doctor` looks for more, see `RedisDiagnosis`.
 *
 * @throws TransportError when the connection is lost.
 */
export async function dangersOf(
  session: RedisSession,
  keys: RedisKeys,
  options: ResolvedRedisOptions,
): Promise<readonly Finding[]> {
  const [groups, memory] = await session.pipeline([
    ['xinfo', 'GROUPS', keys.stream],
    ['info', 'memory'],
  ]);
  return [
    ...(groups?.[0] === null ? otherGroups(groups[1], keys, options) : []),
    ...(memory?.[0] === null ? eviction(String(memory[1])) : []),
  ];
}

/**
 * Settled messages are deleted from the stream: a second group may not have had them yet.
 *
 * @param groups what `XINFO GROUPS` answers.
 */
export function otherGroups(
  groups: unknown,
  keys: RedisKeys,
  options: ResolvedRedisOptions,
): readonly Finding[] {
  const { group, deleteAfterAck, deleteAfterReject } = options;
  const names = (groups as ReadonlyArray<readonly unknown[]>).map((info) => String(info[1]));
  const others = names.filter((name) => name !== group);
  return others.length === 0 || !(deleteAfterAck || deleteAfterReject)
    ? []
    : [
        {
          code: 'redis.other-groups',
          level: 'loss',
          problem:
            `the stream "${keys.stream}" has other consumer groups too: ${quoted(others)}. What group "${group}" has settled is deleted ` +
            'for them as well.',
          remedy:
            'Set "delete_after_ack" and "delete_after_reject" to false, or give each group a stream of its own.',
        },
      ];
}

/**
 * A server that evicts keys drops a whole stream with everything that waits in it.
 *
 * @param memory what `INFO memory` answers.
 */
export function eviction(memory: string): readonly Finding[] {
  const limit = Number(/^maxmemory:(\d+)/m.exec(memory)?.[1] ?? 0);
  const policy = /^maxmemory_policy:([\w-]+)/m.exec(memory)?.[1] ?? 'noeviction';
  return limit === 0 || policy === 'noeviction' || policy.startsWith('volatile')
    ? []
    : [
        {
          code: 'redis.eviction',
          level: 'loss',
          problem: `the server has "maxmemory-policy ${policy}", so it may drop all messages when its memory is full.`,
          remedy: 'Set it to "noeviction".',
        },
      ];
}
