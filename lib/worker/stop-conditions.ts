/** What a worker has done so far, as its stop conditions see it. */
export interface WorkerStats {
  /** Messages finished, failed ones included. */
  readonly processed: number;
  readonly failed: number;
  readonly startedAt: number;
  readonly now: number;
  /** When somebody last asked the workers of the application to stop. */
  readonly stopRequestedAt: number | undefined;
  /** The memory the process occupies, in bytes. Computed when it is called. */
  readonly memory: () => number;
}

/** Says why the worker shall stop, if it shall. Evaluated after each message and ten times a second. */
export type StopCondition = (stats: WorkerStats) => string | undefined;

export function messageLimit(limit: number): StopCondition {
  return ({ processed }) => (processed >= limit ? `the limit of ${limit} message(s) is reached` : undefined);
}

export function failureLimit(limit: number): StopCondition {
  return ({ failed }) => (failed >= limit ? `the limit of ${limit} failure(s) is reached` : undefined);
}

/** @param limit milliseconds. */
export function timeLimit(limit: number): StopCondition {
  return ({ startedAt, now }) =>
    now - startedAt >= limit ? `the time limit of ${limit / 1000} s is reached` : undefined;
}

/** @param limit bytes. */
export function memoryLimit(limit: number): StopCondition {
  return ({ memory }) => {
    const used = memory();
    return used > limit
      ? `the memory limit of ${inMegabytes(limit)} is exceeded (${inMegabytes(used)})`
      : undefined;
  };
}

/** Stops a worker that was started before the request; one that is started later does not see it. */
export function stopRequest(): StopCondition {
  return ({ stopRequestedAt, startedAt }) =>
    stopRequestedAt !== undefined && stopRequestedAt >= startedAt ? 'stop-workers was called' : undefined;
}

function inMegabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)}M`;
}
