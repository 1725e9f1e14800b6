import { MultiplierRetryStrategy } from '../retry/multiplier.retry-strategy.js';
import type { RetryStrategy } from '../retry/retry-strategy.js';
import { configuredTime } from './configured-time.js';

/** When a message is tried again, by the configuration. */
export interface RetryTimeline {
  /** How many retries; `null`: no end to them, or a strategy of the application decides. */
  readonly retries: number | null;
  /** Milliseconds from the first failure to each of the first retries, without jitter and without what handling takes. */
  readonly after: readonly number[];
  /** All of it in words. */
  readonly text: string;
}

/** Beyond so many, only the first and the last ones are told. */
const MOST_TOLD = 6;

/** Of a strategy that ends far away, more are not summed up. */
const MOST_COUNTED = 1000;

/**
 * Tells what becomes of a message that fails again and again.
 *
 * @param strategy `undefined`: it is not tried again.
 * @param failureTransport where it ends; `undefined`: it is dropped.
 */
export function retryTimeline(
  strategy: RetryStrategy | undefined,
  failureTransport: string | undefined,
): RetryTimeline {
  const end = failureTransport === undefined ? 'it is dropped' : `"${failureTransport}"`;
  if (strategy !== undefined && !(strategy instanceof MultiplierRetryStrategy)) {
    return { retries: null, after: [], text: `as ${strategy.constructor.name} decides, then ${end}` };
  }
  const { maxRetries, jitter } = strategy?.options ?? { maxRetries: 0, jitter: 0 };
  if (strategy === undefined || maxRetries === 0) {
    return { retries: 0, after: [], text: `not tried again: at once ${end}` };
  }
  const after = momentsOf(strategy);
  const told = after.slice(0, MOST_TOLD);
  const spread = jitter === 0 ? '' : ` (each wait ±${Math.round(jitter * 100)} %)`;
  return {
    retries: Number.isFinite(maxRetries) ? maxRetries : null,
    after: told,
    text: `${timesOf(told, after, maxRetries)}${spread}${Number.isFinite(maxRetries) ? `, then ${end}` : ''}`,
  };
}

function timesOf(told: readonly number[], after: readonly number[], maxRetries: number): string {
  const times = told.map(configuredTime).join(', ');
  if (!Number.isFinite(maxRetries)) {
    return `${times}, … for ever`;
  }
  if (after.length <= told.length) {
    return times;
  }
  const last = maxRetries > after.length ? '' : `, the last after ${configuredTime(after.at(-1) ?? 0)}`;
  return `${times}, … ${maxRetries} times in all${last}`;
}

/** Milliseconds from the first failure to each retry. */
function momentsOf({ options }: MultiplierRetryStrategy): readonly number[] {
  const { maxRetries, delay, multiplier, maxDelay } = options;
  const longest = maxDelay > 0 ? maxDelay : Number.POSITIVE_INFINITY;
  const moments: number[] = [];
  let now = 0;
  for (let retry = 0; retry < Math.min(maxRetries, MOST_COUNTED); retry++) {
    now += Math.min(delay * multiplier ** retry, longest);
    moments.push(now);
  }
  return moments;
}
