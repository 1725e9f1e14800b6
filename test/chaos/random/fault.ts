import type { ArmedFailpoint } from '../failpoints/failpoint.js';

/** What is done to a worker, by its number. */
export type WorkerFault =
  /** SIGKILL, whatever it is doing. */
  | { readonly kind: 'kill'; readonly worker: number }
  /** It ends in good order, and the next one has this failpoint. */
  | {
      readonly kind: 'arm';
      readonly worker: number;
      readonly failpoint: ArmedFailpoint;
      /** Of one that may hang: it is killed so long after it began to consume, since nothing else ends it. In milliseconds. */
      readonly killedAfter?: number;
    }
  /** SIGSTOP for so long. */
  | { readonly kind: 'pause'; readonly worker: number; readonly ms: number }
  /** It ends in good order, and another takes its place. */
  | { readonly kind: 'replace'; readonly worker: number };

/** What is done to the way to the broker, or to itself. One at a time. */
export type PlaceFault =
  | { readonly kind: 'cut' }
  | { readonly kind: 'delay'; readonly by: number; readonly ms: number }
  | { readonly kind: 'truncate'; readonly afterBytes: number; readonly ms: number }
  | { readonly kind: 'blackhole'; readonly ms: number }
  | { readonly kind: 'restart'; readonly how: 'orderly' | 'crash' };

export type Fault = WorkerFault | PlaceFault;

export type FaultKind = Fault['kind'];

/** A fault and when it begins, in milliseconds after the beginning of the run. */
export interface PlannedFault {
  readonly at: number;
  readonly fault: Fault;
}

export function isWorkerFault(fault: Fault): fault is WorkerFault {
  return 'worker' in fault;
}
