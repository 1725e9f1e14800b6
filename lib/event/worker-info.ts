/** The worker an event comes from, as far as listeners may see and steer it. */
export interface WorkerInfo {
  /** Unique for each run: host, process id and a random part. */
  readonly id: string;
  readonly transportNames: readonly string[];
  readonly queueNames: readonly string[];
  readonly concurrency: number;
  readonly startedAt: Date;
  /** Asks the worker to stop as a signal would: finish what runs, give back the rest. `reason` is logged. */
  stop(reason: string): void;
}
