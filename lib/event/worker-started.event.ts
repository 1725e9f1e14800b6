import type { WorkerInfo } from './worker-info.js';

/** A worker is about to fetch its first message. */
export class WorkerStartedEvent {
  constructor(readonly worker: WorkerInfo) {}
}
