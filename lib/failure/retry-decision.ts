import type { Envelope } from '../envelope/envelope.js';
import { HandlerFailedError } from '../errors/handler-failed.error.js';
import { MessageDecodingFailedError } from '../errors/message-decoding-failed.error.js';
import { RecoverableError } from '../errors/recoverable.error.js';
import { UnknownMessageTypeError } from '../errors/unknown-message-type.error.js';
import { UnrecoverableError } from '../errors/unrecoverable.error.js';
import type { RetryStrategy } from '../retry/retry-strategy.js';

/** Whether a failed message is tried again, and after how many milliseconds. */
export type RetryDecision = { readonly retry: true; readonly delay: number } | { readonly retry: false };

const NO_RETRY: RetryDecision = { retry: false };

/** How long to wait for a `RecoverableError` without a delay of its own, on a transport without a retry strategy. */
const FALLBACK_DELAY_MS = 1000;

/**
 * Decides by the classes of the errors first: one `RecoverableError` among them always retries; if all are
 * `UnrecoverableError`s, or the bytes cannot be decoded, it never does. Everything else is up to the strategy.
 *
 * An unknown message type is left to the strategy: during a rolling deployment another worker may know it.
 */
export function decideRetry(
  envelope: Envelope,
  error: unknown,
  strategy: RetryStrategy | undefined,
): RetryDecision {
  const causes = error instanceof HandlerFailedError ? [...error.errors.values()] : [error];
  const recoverable = causes.find((cause) => cause instanceof RecoverableError);
  if (recoverable !== undefined) {
    const delay = recoverable.retryDelay ?? strategy?.waitingTime(envelope, error) ?? FALLBACK_DELAY_MS;
    return { retry: true, delay };
  }
  if (strategy === undefined || causes.every(isHopeless) || !strategy.isRetryable(envelope, error)) {
    return NO_RETRY;
  }
  return { retry: true, delay: strategy.waitingTime(envelope, error) };
}

function isHopeless(error: unknown): boolean {
  return (
    error instanceof UnrecoverableError ||
    (error instanceof MessageDecodingFailedError && !(error instanceof UnknownMessageTypeError))
  );
}
