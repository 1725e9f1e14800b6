import { isThrown } from '../errors/is-thrown.js';
import { MessageEncodingFailedError } from '../errors/message-encoding-failed.error.js';
import { MessageRefusedError } from '../errors/message-refused.error.js';
import { PromptAbortedError } from '../errors/prompt-aborted.error.js';
import { UnknownOriginError } from '../errors/unknown-origin.error.js';
import { UnknownTransportError } from '../errors/unknown-transport.error.js';
import { summarizeError } from '../failure/flatten-error.js';
import type { CommandContext } from './command.js';
import type { MessengerServices } from './messenger-services.js';
import { Pace } from './pace.js';
import type { RetryRequest } from './retry-request.js';

/** What keeps one message from being sent back, and no other. */
const ERRORS_OF_ONE: ReadonlyArray<abstract new (...args: never[]) => Error> = [
  UnknownOriginError,
  UnknownTransportError,
  MessageEncodingFailedError,
  MessageRefusedError,
];

/** What became of one message. */
export interface Retried {
  readonly id: string;
  readonly outcome: 'handled' | 'redispatched' | 'failed' | 'gone' | 'removed' | 'skipped';
  /** Why it failed. */
  readonly error?: string;
  /** The transport it was sent back to. */
  readonly to?: string;
  /** Its handler asked for an end. */
  readonly stopReason?: string;
}

/** What became of all of them. */
export interface BulkRetry {
  readonly retried: readonly Retried[];
  /** Those whose turn did not come. */
  readonly notTried: readonly string[];
  /** Why not. */
  readonly stopReason: string | undefined;
  /** Whether that was an error which concerns all of them: a broker is out of reach, for instance. */
  readonly isBroken: boolean;
}

/** Does to one message what is wanted; rejects to end it all. */
export type RetryOne = (id: string) => Promise<Retried>;

/**
 * Retries messages one after the other, no faster than was asked for, until enough have failed, a handler asks for an end, or
 * a signal comes; what is being handled then is finished.
 *
 * @param onRetried called after each.
 */
export async function retryInBulk(
  ids: readonly string[],
  { interval, limit, failureLimit }: RetryRequest,
  context: CommandContext,
  retryOne: RetryOne,
  onRetried: (retried: Retried) => void,
): Promise<BulkRetry> {
  const stop = signalOfStop(context);
  const pace = new Pace(interval, context.messenger.clock);
  const retried: Retried[] = [];
  let failures = 0;
  const end = (stopReason?: string, isBroken = false): BulkRetry => {
    const notTried = ids.slice(retried.length);
    return { retried, notTried, stopReason: notTried.length > 0 ? stopReason : undefined, isBroken };
  };
  for (const id of ids) {
    if (retried.length >= limit) {
      return end(`${limit} message(s) were retried, as many as "--limit" says`);
    }
    await pace.turn(stop);
    if (stop.aborted) {
      return end(`signal ${String(stop.reason)}`);
    }
    try {
      retried.push(await retryOne(id));
    } catch (error) {
      // Whoever sees nothing done needs no report on what was.
      if (retried.length === 0 || isThrown(error, PromptAbortedError)) {
        throw error;
      }
      return end(summarizeError(error).message, true);
    }
    const one = retried.at(-1) as Retried;
    onRetried(one);
    failures += one.outcome === 'failed' ? 1 : 0;
    if (one.stopReason !== undefined || failures >= failureLimit) {
      return end(one.stopReason ?? `${failures} message(s) failed again`);
    }
  }
  return end();
}

/** Fires when the process is told to stop; whoever asks a question then gets no answer. */
function signalOfStop({ signals, prompt }: CommandContext): AbortSignal {
  const stop = new AbortController();
  signals.onStop((signal) => {
    stop.abort(signal);
    prompt.abort();
  });
  return stop.signal;
}

/** Retries one message as the request says. What is wrong with this one alone is in the outcome. */
export async function retryAsRequested(
  transport: string,
  id: string,
  { isRedispatch, keepalive }: RetryRequest,
  { messenger }: CommandContext,
): Promise<Retried> {
  if (isRedispatch) {
    return redispatch(transport, id, messenger);
  }
  const options = { ...(keepalive !== undefined && { keepalive }) };
  const result = await messenger.retrier.retry(transport, id, options);
  if (result.outcome !== 'failed') {
    return { id, outcome: result.outcome };
  }
  const { error, stopReason } = result;
  const { message } = summarizeError(error);
  return { id, outcome: 'failed', error: message, ...(stopReason !== undefined && { stopReason }) };
}

async function redispatch(
  transport: string,
  id: string,
  { failedMessages }: MessengerServices,
): Promise<Retried> {
  try {
    const to = await failedMessages.redispatch(transport, id);
    return to === undefined ? { id, outcome: 'gone' } : { id, outcome: 'redispatched', to };
  } catch (error) {
    if (ERRORS_OF_ONE.some((type) => isThrown(error, type))) {
      return { id, outcome: 'failed', error: summarizeError(error).message };
    }
    throw error;
  }
}
