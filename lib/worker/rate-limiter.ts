/** How many messages a transport may hand out in a time. */
export interface RateLimitOptions {
  /** The most messages in each interval; at least 1. */
  readonly limit: number;
  /** The length of the interval in milliseconds; more than 0. */
  readonly interval: number;
}

/** Grants messages before they are fetched, so that what is over the limit stays in its transport. */
export interface RateLimiter {
  /** Takes up to `count` permits. With none granted, `retryAfter` says in how many milliseconds the next is due. */
  take(count: number, now: number): { readonly granted: number; readonly retryAfter: number };
  /** Returns permits for which there was no message. */
  giveBack(count: number): void;
}

/** A bucket of `limit` permits that refills evenly, `limit` in each `interval`. */
export class TokenBucketRateLimiter implements RateLimiter {
  readonly #limit: number;
  readonly #perPermit: number;
  #permits: number;
  #refilledAt: number | undefined;

  constructor({ limit, interval }: RateLimitOptions) {
    this.#limit = limit;
    this.#perPermit = interval / limit;
    this.#permits = limit;
  }

  take(count: number, now: number): { readonly granted: number; readonly retryAfter: number } {
    this.#refill(now);
    const granted = Math.min(count, Math.floor(this.#permits));
    this.#permits -= granted;
    return { granted, retryAfter: granted > 0 ? 0 : Math.ceil((1 - this.#permits) * this.#perPermit) };
  }

  giveBack(count: number): void {
    this.#permits = Math.min(this.#limit, this.#permits + count);
  }

  #refill(now: number): void {
    const elapsed = Math.max(0, now - (this.#refilledAt ?? now));
    this.#permits = Math.min(this.#limit, this.#permits + elapsed / this.#perPermit);
    this.#refilledAt = now;
  }
}
