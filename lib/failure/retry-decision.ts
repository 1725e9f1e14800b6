import type { Envelope } from '../envelope/envelope.js';
import { InvalidRetryStrategyError } from '../errors/invalid-retry-strategy.error.js';
import { isThrown } from '../errors/is-thrown.js';
import { MessageDecodingFailedError } from '../errors/message-decoding-failed.error.js';
import { RecoverableError } from '../errors/recoverable.error.js';
import { UnknownMessageTypeError } from '../errors/unknown-message-type.error.js';
import { UnrecoverableError } from '../errors/unrecoverable.error.js';
import type { RetryStrategy } from '../retry/retry-strategy.js';
import { MAX_DELAY_MS } from '../stamp/delay.stamp.js';
import { rootCausesOf } from './root-causes.js';

/** Whether a failed message is tried again, and after how many milliseconds. */
export type RetryDecision = { readonly retry: true; readonly delay: number } | { readonly retry: false };

const NO_RETRY: RetryDecision = { retry: false };

/** How long to wait for a `RecoverableError` without a delay of its own, on a transport without a retry strategy. */
export const FALLBACK_DELAY_MS = 1000;

/**
 * Decides by the classes of the errors first: one `RecoverableError` among them always retries; if all are
 * `UnrecoverableError`s, or the bytes cannot be decoded, it never does. Everything else is up to the strategy.
 *
 * An unknown message type is left to the strategy: during a rolling deployment another worker may know it.
 *
 * @throws InvalidRetryStrategyError when the strategy answers with something that is no decision, and whatever it throws.
 */
export function decideRetry(
  envelope: Envelope,
  error: unknown,
  strategy: RetryStrategy | undefined,
): RetryDecision {
  const causes = rootCausesOf(error);
  const recoverable = causes.find((cause) => isThrown(cause, RecoverableError));
  if (recoverable !== undefined) {
    const { retryDelay } = recoverable;
    return { retry: true, delay: isDelay(retryDelay) ? retryDelay : waitingTime(envelope, error, strategy) };
  }
  if (strategy === undefined || causes.every(isHopeless) || !isRetryable(envelope, error, strategy)) {
    return NO_RETRY;
  }
  return { retry: true, delay: waitingTime(envelope, error, strategy) };
}

/** Whether this is a time, in milliseconds, that a message can be made to wait. */
export function isDelay(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MAX_DELAY_MS;
}

function isRetryable(envelope: Envelope, error: unknown, strategy: RetryStrategy): boolean {
  const answer: unknown = strategy.isRetryable(envelope, error);
  if (typeof answer !== 'boolean') {
    throw new InvalidRetryStrategyError('isRetryable()', 'true or false', describe(answer));
  }
  return answer;
}

function waitingTime(envelope: Envelope, error: unknown, strategy: RetryStrategy | undefined): number {
  const delay: unknown = strategy === undefined ? FALLBACK_DELAY_MS : strategy.waitingTime(envelope, error);
  if (!isDelay(delay)) {
    throw new InvalidRetryStrategyError(
      'waitingTime()',
      `from 0 to ${MAX_DELAY_MS} milliseconds`,
      describe(delay),
    );
  }
  return delay;
}

function describe(answer: unknown): string {
  return typeof answer === 'number'
    ? String(answer)
    : answer instanceof Promise
      ? 'a promise'
      : `a value of type ${typeof answer}`;
}

function isHopeless(error: unknown): boolean {
  return (
    isThrown(error, UnrecoverableError) ||
    (isThrown(error, MessageDecodingFailedError) && !isThrown(error, UnknownMessageTypeError))
  );
}
