import type { WorkerInfo } from './worker-info.js';

/** A worker has settled everything it had in hand and fetches no more. */
export class WorkerStoppedEvent {
  constructor(
    readonly worker: WorkerInfo,
    readonly reason: string,
  ) {}
}
