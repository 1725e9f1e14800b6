import type { Clock } from '../../envelope/clock.js';
import type { Envelope } from '../../envelope/envelope.js';

/** What a waiting fetch needs from the transport it waits for. */
export interface WaitingSource {
  readonly clock: Clock;
  /** Claims up to `max` messages that are due now. */
  claim(max: number): readonly Envelope[];
  /** The epoch in milliseconds at which something may become due by itself, if anything will. */
  nextDueTime(): number | undefined;
}

interface Waiter {
  readonly max: number;
  readonly end: (envelopes: readonly Envelope[]) => void;
}

/** The fetches that wait for a message: served first come, first served, with one timer for all of them. */
export class WaitingGets {
  readonly #source: WaitingSource;
  /** In the order in which they came. */
  readonly #waiters = new Set<Waiter>();
  #cancelTimer: (() => void) | undefined;

  constructor(source: WaitingSource) {
    this.#source = source;
  }

  /**
   * Waits for messages, at most `wait` milliseconds or until `signal` aborts.
   *
   * A claim and the end of the wait that it answers are one step, so an abort can never lose what was claimed.
   */
  add(max: number, wait: number, signal: AbortSignal | undefined): Promise<readonly Envelope[]> {
    return new Promise((resolve) => {
      const giveUp = (): void => waiter.end([]);
      const waiter: Waiter = {
        max,
        end: (envelopes) => {
          this.#waiters.delete(waiter);
          cancelTimer();
          signal?.removeEventListener('abort', giveUp);
          this.#setTimer();
          resolve(envelopes);
        },
      };
      const cancelTimer = this.#source.clock.setTimer(giveUp, wait);
      signal?.addEventListener('abort', giveUp);
      this.#waiters.add(waiter);
      this.#setTimer();
    });
  }

  /** Hands out what is due. Called whenever a message may have become available. */
  serve(): void {
    for (const waiter of this.#waiters) {
      const envelopes = this.#source.claim(waiter.max);
      if (envelopes.length === 0) {
        break;
      }
      waiter.end(envelopes);
    }
    this.#setTimer();
  }

  /** Ends every wait with nothing. */
  endAll(): void {
    for (const waiter of this.#waiters) {
      waiter.end([]);
    }
  }

  #setTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const dueTime = this.#waiters.size === 0 ? undefined : this.#source.nextDueTime();
    if (dueTime !== undefined) {
      const { clock } = this.#source;
      this.#cancelTimer = clock.setTimer(() => this.serve(), Math.max(0, dueTime - clock.now()));
    }
  }
}
