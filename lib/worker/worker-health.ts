import { asSentence } from '../failure/as-sentence.js';
import { summarizeError } from '../failure/flatten-error.js';
import type { PollState } from './poll-record.js';
import type { WorkerState } from './worker-state.js';

/** How long a transport may keep a poll beyond the time it was given, in milliseconds, before it counts as out of reach. */
const TOLERANCE_MS = 10_000;

/** How one transport of a worker is, in a word. */
export type TransportStatus = 'ok' | 'not asked yet' | 'failing' | 'silent' | 'blocked';

/** How one transport of a worker is. */
export interface TransportHealth {
  readonly name: string;
  readonly status: TransportStatus;
  /** Milliseconds since it last answered; `null` if it never has. A worker that has its hands full does not ask. */
  readonly pollAge: number | null;
  /** What is wrong, unless it is `ok` or `not asked yet`. */
  readonly reason?: string;
}

/** Whether a worker does its work. */
export interface WorkerHealth {
  /** It has reached its transports, does so still, can store messages there, and was not told to stop. */
  readonly isReady: boolean;
  /** Why it is not; sentences. */
  readonly reasons: readonly string[];
  readonly transports: readonly TransportHealth[];
}

/** Judges a worker by its own polls, so nothing is asked for it. */
export function healthOf({ isStopping, polls, blocked, now }: WorkerState): WorkerHealth {
  const transports = polls.map((poll) => transportHealth(poll, blocked.get(poll.transportName), now));
  const reasons = transports.flatMap(({ reason }) => (reason === undefined ? [] : [reason]));
  if (isStopping) {
    reasons.unshift('The worker stops, or has stopped.');
  } else if (reasons.length === 0 && polls.every(({ answeredAt }) => answeredAt === undefined)) {
    reasons.push('No transport has answered yet.');
  }
  return { isReady: reasons.length === 0, reasons, transports };
}

function transportHealth(poll: PollState, blockedReason: string | undefined, now: number): TransportHealth {
  const { transportName: name, answeredAt, failingSince, error, dueAt } = poll;
  const pollAge = answeredAt === undefined ? null : Math.max(0, now - answeredAt);
  if (failingSince !== undefined) {
    const what = `Transport "${name}" has not been readable for ${inSeconds(now - failingSince)}.`;
    const reason = `${what} ${asSentence(summarizeError(error).message)}`;
    return { name, status: 'failing', pollAge, reason };
  }
  if (dueAt !== undefined && now - dueAt > TOLERANCE_MS) {
    const reason = `Transport "${name}" has not answered for ${inSeconds(now - dueAt)}.`;
    return { name, status: 'silent', pollAge, reason };
  }
  if (blockedReason !== undefined) {
    return {
      name,
      status: 'blocked',
      pollAge,
      reason: `Transport "${name}" takes no messages: ${blockedReason}.`,
    };
  }
  return { name, status: pollAge === null ? 'not asked yet' : 'ok', pollAge };
}

function inSeconds(ms: number): string {
  return `${Math.max(0, Math.round(ms / 1000))} s`;
}
