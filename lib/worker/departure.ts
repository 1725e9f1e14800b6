import { setTimeout as sleep } from 'node:timers/promises';
import type { PresentWorker, WorkerRolls } from './worker-rolls.js';

/** How often the rolls are read, in milliseconds. */
const EVERY_MS = 500;

/** Who is waited for, and how long. */
export interface DepartureOptions {
  /** When the stop was requested, in epoch milliseconds, as the workers compare it with their start. */
  readonly requestedAt: number;
  /** The longest wait in milliseconds. */
  readonly limit: number;
  /** Those that were there before the request: an idle one is gone before anybody can look. */
  readonly before: readonly PresentWorker[];
}

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
 */
export async function awaitDeparture(
  rolls: Pick<WorkerRolls, 'attendance'>,
  { requestedAt, limit, before }: DepartureOptions,
): Promise<Departure> {
  const isMeant = ({ startedAt }: PresentWorker): boolean => startedAt <= requestedAt;
  const deadline = performance.now() + limit;
  const seen = new Set(before.filter(isMeant).map(({ id }) => id));
  let missing = 0;
  for (;;) {
    const { workers, errors } = await rolls.attendance();
    const remaining = workers.filter(isMeant);
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
