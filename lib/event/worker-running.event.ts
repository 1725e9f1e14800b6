import type { WorkerInfo } from './worker-info.js';

/** A worker has finished a message, or (`isIdle`) has found no message in any of its transports. */
export class WorkerRunningEvent {
  constructor(
    readonly worker: WorkerInfo,
    readonly isIdle: boolean,
  ) {}
}
