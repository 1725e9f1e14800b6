import type { RetryStrategy } from '../retry/retry-strategy.js';

/** What becomes of the messages of one transport when handling them has failed. */
export interface FailurePolicy {
  /** `undefined`: never tried again. */
  readonly retryStrategy?: RetryStrategy | undefined;
  /** Where a message goes that is not tried again; `undefined`: it is dropped with an error in the log. */
  readonly failureTransport?: string | undefined;
}

/** The policies by transport name. */
export type FailurePolicies = ReadonlyMap<string, FailurePolicy>;
