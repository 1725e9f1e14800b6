import type { WakeReason } from './sqlite.arrivals.js';
import type { QueueOutlook } from './sqlite.statements.js';

/**
 * When to look again after the file changed but no commit was to be seen: SQLite writes to the log before it makes a
 * commit visible, and with `synchronous=full` it waits for the disk in between. Milliseconds, each after the one before.
 */
const SECOND_LOOKS_MS = [1, 5, 25, 125] as const;

/**
 * More looks in vain than this within so many milliseconds, and changes of the file are not heard for a while: somebody
 * is busy with another queue of the file, and to look at each of their commits would cost half a processor.
 */
const MAX_VAIN_LOOKS = 10;
const VAIN_WINDOW_MS = 20;
const DEAF_MS = 50;

/** How to wait until the next look. */
export interface NextLook {
  /** Look after so many milliseconds, at the latest. */
  readonly ms: number;
  /** Look as soon as the file changes. */
  readonly hearsChanges: boolean;
}

/** Decides, for one receiver that waits, when it looks for messages again. Holds the state of that one wait. */
export class WaitPlan {
  readonly #pollInterval: number;
  #secondLook: number = SECOND_LOOKS_MS.length;
  #dataVersion = 0;
  #vainLooks = 0;
  #vainSince = Number.NEGATIVE_INFINITY;

  /** @param pollInterval milliseconds between looks when nothing announces a message. */
  constructor(pollInterval: number) {
    this.#pollInterval = pollInterval;
  }

  /**
   * The plan after a look that found nothing.
   *
   * @param outlook what was seen.
   * @param reason what led to the look.
   * @param now the time of the look, an epoch in milliseconds.
   */
  next(outlook: QueueOutlook, reason: WakeReason, now: number): NextLook {
    const isVisible = outlook.data_version !== this.#dataVersion;
    this.#dataVersion = outlook.data_version;
    this.#secondLook = reason === 'changed' ? (isVisible ? SECOND_LOOKS_MS.length : 0) : this.#secondLook + 1;
    const ms = Math.min(
      this.#pollInterval,
      (outlook.due_at ?? Infinity) - now,
      (outlook.expires_at ?? Infinity) - now,
      SECOND_LOOKS_MS[this.#secondLook] ?? Infinity,
    );
    return this.#isTooOften(reason, now)
      ? { ms: Math.min(ms, DEAF_MS), hearsChanges: false }
      : { ms, hearsChanges: true };
  }

  #isTooOften(reason: WakeReason, now: number): boolean {
    if (now - this.#vainSince > VAIN_WINDOW_MS) {
      this.#vainSince = now;
      this.#vainLooks = 0;
    }
    this.#vainLooks += reason === 'changed' ? 1 : 0;
    return this.#vainLooks > MAX_VAIN_LOOKS;
  }
}
