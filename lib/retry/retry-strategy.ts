import type { Envelope } from '../envelope/envelope.js';

/** Decides whether and when a failed message is tried again. Asked once per failure; must not change anything. */
export interface RetryStrategy {
  /** @param error what was thrown: a `HandlerFailedError`, or what a middleware threw. */
  isRetryable(envelope: Envelope, error: unknown): boolean;
  /** Milliseconds to wait before the next try. */
  waitingTime(envelope: Envelope, error: unknown): number;
}
