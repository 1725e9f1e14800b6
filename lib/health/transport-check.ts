import { asSentence } from '../failure/as-sentence.js';
import { summarizeError } from '../failure/flatten-error.js';
import {
  isBlockable,
  isMessageCountAware,
  isPingable,
  type MessageCounts,
} from '../transport/capabilities.js';
import type { Transport } from '../transport/transport.js';
import { answerWithin } from './answer-within.js';
import type { ResolvedHealthOptions } from './health-options.js';
import type { PollAges } from './poll-ages.js';

/** How one transport is. */
export interface TransportCheck {
  readonly status: 'up' | 'down';
  /** What is wrong; a sentence. */
  readonly reason?: string;
  /** Why its broker takes no messages at present, although it answers. */
  readonly blocked?: string;
  /** Milliseconds since a worker last asked it for messages; `null` if none is known that does. Only with `maxPollAge`. */
  readonly pollAge?: number | null;
  /** Messages that are ready. Only with `maxBacklog` or `maxBacklogAge`. */
  readonly backlog?: number;
  /** How long the first of them has been ready, in milliseconds. */
  readonly backlogAge?: number;
}

/**
 * Looks at one transport. Never rejects.
 *
 * @param ages only with `maxPollAge`.
 */
export async function checkTransport(
  name: string,
  transport: Transport,
  ages: PollAges | undefined,
  options: ResolvedHealthOptions,
): Promise<TransportCheck> {
  const answer = await answerWithin(options.timeout, ask(transport, options));
  const counts = answer.value;
  const blocked = isBlockable(transport) ? transport.blockedReason : undefined;
  const pollAge = ages?.of.get(name);
  const reason =
    answer.trouble ??
    (blocked === undefined ? undefined : `It takes no messages at present: ${blocked}.`) ??
    (ages === undefined ? undefined : pollTrouble(pollAge, ages, options)) ??
    (counts === undefined ? undefined : backlogTrouble(counts, options));
  return {
    status: reason === undefined ? 'up' : 'down',
    ...(reason !== undefined && { reason }),
    ...(blocked !== undefined && { blocked }),
    ...(ages !== undefined && { pollAge: pollAge ?? null }),
    ...(counts !== undefined && { backlog: counts.ready }),
    ...(counts?.oldestAge !== undefined && { backlogAge: counts.oldestAge }),
  };
}

/** Resolves, once the broker has answered, with how many messages there are if that is asked for and can be told. */
async function ask(
  transport: Transport,
  { maxBacklog, maxBacklogAge }: ResolvedHealthOptions,
): Promise<MessageCounts | undefined> {
  if (isPingable(transport)) {
    await transport.ping();
  }
  const isCounted = maxBacklog !== undefined || maxBacklogAge !== undefined;
  return isCounted && isMessageCountAware(transport) ? transport.messageCount() : undefined;
}

function pollTrouble(
  age: number | undefined,
  { trouble }: PollAges,
  { maxPollAge = Number.POSITIVE_INFINITY }: ResolvedHealthOptions,
): string | undefined {
  if (age !== undefined && age <= maxPollAge) {
    return undefined;
  }
  if (trouble !== undefined) {
    return `It is not known whether a worker consumes it. ${asSentence(summarizeError(trouble).message)}`;
  }
  return age === undefined
    ? 'No worker consumes it.'
    : `No worker has asked it for messages for ${age} ms (allowed: ${maxPollAge}).`;
}

function backlogTrouble(
  { ready, oldestAge = 0 }: MessageCounts,
  { maxBacklog = Number.POSITIVE_INFINITY, maxBacklogAge = Number.POSITIVE_INFINITY }: ResolvedHealthOptions,
): string | undefined {
  if (ready > maxBacklog) {
    return `${ready} messages are ready (allowed: ${maxBacklog}).`;
  }
  return oldestAge > maxBacklogAge
    ? `A message has been ready for ${oldestAge} ms (allowed: ${maxBacklogAge}).`
    : undefined;
}
