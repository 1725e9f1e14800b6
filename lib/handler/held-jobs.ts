import { setTimeout as sleep } from 'node:timers/promises';
import { ConsumedByWorkerStamp, type LeaseState } from '../stamp/consumed-by-worker.stamp.js';
import type { BatchJob } from './batch.js';
import { deliverySignalOf } from './handler-context.js';

/** How often to look whether a transport has answered, in milliseconds. */
const LOOK_EVERY_MS = 20;

/** Whether all of them are their worker's for sure: so it is, unless the process was stopped while they waited for others. */
export function areHeld(jobs: readonly BatchJob[]): boolean {
  return jobs.every((job) => leaseOf(job) === 'held');
}

/** Those that are still their worker's, once that is known. The others have failed; they are delivered again. */
export async function heldOf(jobs: readonly BatchJob[]): Promise<readonly BatchJob[]> {
  while (jobs.some((job) => leaseOf(job) === 'doubtful')) {
    await sleep(LOOK_EVERY_MS);
  }
  const ended = jobs.filter((job) => leaseOf(job) === 'ended');
  ended.forEach((job) => job.nack(deliverySignalOf(job.envelope)?.reason));
  return jobs.filter((job) => !ended.includes(job));
}

function leaseOf({ envelope }: BatchJob): LeaseState {
  return envelope.last(ConsumedByWorkerStamp)?.delivery?.lease ?? 'held';
}
