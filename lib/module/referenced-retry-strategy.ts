import type { Envelope } from '../envelope/envelope.js';
import type { RetryStrategy } from '../retry/retry-strategy.js';
import type { ProviderReference } from './provider-references.js';

/** A retry strategy that is a provider of the application. */
export class ReferencedRetryStrategy implements RetryStrategy {
  readonly #reference: ProviderReference<RetryStrategy>;

  constructor(reference: ProviderReference<RetryStrategy>) {
    this.#reference = reference;
  }

  isRetryable(envelope: Envelope, error: unknown): boolean {
    return this.#reference.instance.isRetryable(envelope, error);
  }

  waitingTime(envelope: Envelope, error: unknown): number {
    return this.#reference.instance.waitingTime(envelope, error);
  }
}
