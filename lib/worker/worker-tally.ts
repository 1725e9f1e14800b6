import type { Clock } from '../envelope/clock.js';
import type { ProcessedMessage } from './message-processor.js';
import type { StopCondition, WorkerStats } from './stop-conditions.js';

/** What a worker has done so far, and whether that is enough. */
export class WorkerTally implements WorkerStats {
  /** Messages that were started, or are to be. */
  started = 0;
  processed = 0;
  failed = 0;
  stopRequestedAt: number | undefined;
  readonly startedAt: number;
  readonly #clock: Clock;
  readonly #conditions: readonly StopCondition[];

  constructor(clock: Clock, conditions: readonly StopCondition[]) {
    this.#clock = clock;
    this.#conditions = conditions;
    this.startedAt = clock.now();
  }

  get now(): number {
    return this.#clock.now();
  }

  get memory(): () => number {
    return () => process.memoryUsage.rss();
  }

  /** A message that was started is finished. One that was skipped was never there. */
  finished(outcome: ProcessedMessage['outcome']): void {
    if (outcome === 'skipped') {
      this.started -= 1;
      return;
    }
    this.processed += 1;
    this.failed += outcome === 'failed' ? 1 : 0;
  }

  /** What was done so far, in words. */
  get summary(): string {
    const seconds = ((this.now - this.startedAt) / 1000).toFixed(1);
    return `handled ${this.processed} message(s), ${this.failed} failed, in ${seconds} s`;
  }

  /** The first stop condition that is met, in its own words. */
  reasonToStop(): string | undefined {
    for (const condition of this.#conditions) {
      const reason = condition(this);
      if (reason !== undefined) {
        return reason;
      }
    }
    return undefined;
  }
}
