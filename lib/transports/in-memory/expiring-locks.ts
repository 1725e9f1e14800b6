import type { Clock } from '../../envelope/clock.js';
import type { DeduplicationLocks } from '../../transport/capabilities.js';

interface Lock {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** How many locks there have to be before those that ended by themselves are looked for. */
const FEW = 1000;

/** Locks that this process alone sees. */
export class ExpiringLocks implements DeduplicationLocks {
  readonly #clock: Clock;
  readonly #locks = new Map<string, Lock>();
  #sweepAt = FEW;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async acquire(key: string, token: string, ttl: number): Promise<boolean> {
    const now = this.#clock.now();
    const lock = this.#locks.get(key);
    if (lock !== undefined && lock.token !== token && lock.expiresAt > now) {
      return false;
    }
    this.#locks.set(key, { token, expiresAt: now + ttl });
    this.#sweep(now);
    return true;
  }

  async release(key: string, token: string): Promise<void> {
    if (this.#locks.get(key)?.token === token) {
      this.#locks.delete(key);
    }
  }

  clear(): void {
    this.#locks.clear();
  }

  /** Forgets what has expired; not every time, since it looks at all of them. */
  #sweep(now: number): void {
    if (this.#locks.size < this.#sweepAt) {
      return;
    }
    for (const [key, { expiresAt }] of this.#locks) {
      if (expiresAt <= now) {
        this.#locks.delete(key);
      }
    }
    this.#sweepAt = Math.max(FEW, 2 * this.#locks.size);
  }
}
