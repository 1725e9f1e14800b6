import { quoted } from '../../errors/quoted.js';
import type { MessageCounts } from '../../transport/capabilities.js';
import type { Finding } from '../../transport/finding.js';
import { CONSUMER_NAME_VARIABLE } from './redis.consumer-name.js';
import { isAfter } from './redis.entry-id.js';
import type { ResolvedRedisOptions } from './redis.options.js';

/** The share of the bound from which it is worth a word. */
const NEARLY_FULL = 0.8;

/** One consumer of the group. */
export interface RedisConsumerFacts {
  readonly name: string;
  readonly pending: number;
  /** Milliseconds since it last asked for messages. */
  readonly idle: number;
  /** Whether a worker of this package has the name. */
  readonly hasLease: boolean;
}

/**
 * Messages that are in hand, and whose content was deleted from the stream by somebody else.
 *
 * @param firstId of the oldest entry in the stream, if there is one.
 * @param firstPendingId of the oldest message in hand, if there is one.
 */
export function trimmed(
  stream: string,
  firstId: string | undefined,
  firstPendingId: string | undefined,
): readonly Finding[] {
  const isGone = firstPendingId !== undefined && (firstId === undefined || isAfter(firstId, firstPendingId));
  return isGone
    ? [
        {
          code: 'redis.trimmed',
          level: 'loss',
          problem:
            `messages of the stream "${stream}" were deleted by somebody else before they were settled; the oldest is ` +
            `"${firstPendingId}".`,
          remedy:
            'Find who runs "XTRIM" or "XDEL", or adds with "MAXLEN" (the option "stream_max_entries" of a producer in PHP), and end that.',
        },
      ]
    : [];
}

/** A bounded stream that has no room left, or little: dispatching is refused then. */
export function bound(
  stream: string,
  { ready, inFlight = 0 }: MessageCounts,
  { streamMaxEntries }: Pick<ResolvedRedisOptions, 'streamMaxEntries'>,
): readonly Finding[] {
  const backlog = ready + inFlight;
  if (streamMaxEntries === 0 || backlog < streamMaxEntries * NEARLY_FULL) {
    return [];
  }
  const isFull = backlog >= streamMaxEntries;
  return [
    {
      code: 'redis.stream-max-entries',
      level: isFull ? 'loss' : 'advice',
      problem:
        `the stream "${stream}" holds ${backlog} messages, and "stream_max_entries" allows ${streamMaxEntries}: ` +
        `dispatching is refused ${isFull ? 'now' : 'soon'}, and a producer in PHP with that option drops the oldest.`,
      remedy: 'Start more workers, or raise the option.',
    },
  ];
}

/** Consumers of whom two could be one, so that messages are handled twice. */
export function consumers(
  group: string,
  all: readonly RedisConsumerFacts[],
  { consumer, isConsumerFixed }: Pick<ResolvedRedisOptions, 'consumer' | 'isConsumerFixed'>,
  leaseMs: number,
): readonly Finding[] {
  // One of this package that has just ended has neither its place in the group nor a lease.
  const strangers = all.filter(({ hasLease, pending, idle }) => !hasLease && pending === 0 && idle < leaseMs);
  return [...(isConsumerFixed ? [fixedName(consumer)] : []), ...strangerFinding(group, strangers)];
}

function fixedName(consumer: string): Finding {
  return {
    code: 'redis.consumer-name',
    level: 'advice',
    problem: `the consumer is called "${consumer}" in the configuration, so all workers have the same name, and all but one are refused.`,
    remedy: `Leave it out, and give each worker process a ${CONSUMER_NAME_VARIABLE} of its own.`,
  };
}

function strangerFinding(group: string, strangers: readonly RedisConsumerFacts[]): readonly Finding[] {
  const names = strangers.map(({ name }) => name);
  return names.length === 0
    ? []
    : [
        {
          code: 'redis.consumer-without-lease',
          level: 'advice',
          problem:
            `another program consumes in the group "${group}", as ${quoted(names)}: nothing keeps two of its processes from having one ` +
            'name, and then messages are handled twice.',
          remedy: 'Make sure that each of them has a name of its own.',
        },
      ];
}
