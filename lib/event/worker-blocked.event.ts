import type { WorkerInfo } from './worker-info.js';

/** What a worker had in hand while its event loop stood still. */
export interface SuspectedMessage {
  /** As it is called on the wire. */
  readonly messageName: string;
  readonly transportName: string;
  /** Its handlers. */
  readonly handlerNames: readonly string[];
}

/**
 * The event loop of a worker stood still: something computed for long without awaiting anything, or the process was
 * suspended. Meanwhile no lease was prolonged, no signal heard, and no time-out fired.
 */
export class WorkerBlockedEvent {
  constructor(
    readonly worker: WorkerInfo,
    /** How long, in milliseconds. */
    readonly duration: number,
    /** The processor time the process has used meanwhile, in milliseconds: little if it was suspended. */
    readonly cpuTime: number,
    /** What was being handled. With several messages at a time, one of them is to blame. */
    readonly suspects: readonly SuspectedMessage[],
  ) {}
}
