import { setTimeout as sleep } from 'node:timers/promises';
import type { PresentWorker, WorkerRolls } from './worker-rolls.js';

/** How often the rolls are read, in milliseconds. */
const EVERY_MS = 500;

/** What became of the workers that were asked to stop. */
export interface Departure {
  /** Ids of those that were seen, and have gone. */
  readonly gone: readonly string[];
  /** Those that are there still. */
  readonly remaining: readonly PresentWorker[];
  /** What was thrown by rolls that could not be read in the end. */
  readonly errors: readonly unknown[];
}

/**
 * Waits until every worker that was started before a stop was requested is gone. A worker is gone when it has finished what it
 * had in hand and settled it; one that was killed, when its entry has ended, after 45 seconds at the latest.
 *
 * They have to be missing twice in a row: one that had just been started may not have entered itself yet.
 *
 * @param requestedAt epoch milliseconds, as the workers compare it with their start.
 * @param limit the longest wait in milliseconds.
 */
export async function awaitDeparture(
  rolls: Pick<WorkerRolls, 'attendance'>,
  requestedAt: number,
  limit: number,
): Promise<Departure> {
  const deadline = performance.now() + limit;
  const seen = new Set<string>();
  let missing = 0;
  for (;;) {
    const { workers, errors } = await rolls.attendance();
    const remaining = workers.filter(({ startedAt }) => startedAt <= requestedAt);
    remaining.forEach(({ id }) => seen.add(id));
    missing = remaining.length === 0 && errors.length === 0 ? missing + 1 : 0;
    const left = deadline - performance.now();
    if (missing === 2 || left <= 0) {
      const gone = [...seen].filter((id) => !remaining.some((worker) => worker.id === id));
      return { gone, remaining, errors };
    }
    await sleep(Math.min(EVERY_MS, left));
  }
}
