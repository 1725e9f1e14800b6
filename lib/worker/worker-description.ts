import { healthOf } from './worker-health.js';
import type { WorkerState } from './worker-state.js';

/** What a worker says of itself to other processes. Times are epoch milliseconds by its own clock. */
export interface WorkerDescription {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly transports: readonly string[];
  readonly queues: readonly string[];
  readonly concurrency: number;
  readonly startedAt: number;
  /** When it said this. */
  readonly saidAt: number;
  /** The memory its process occupies (RSS), in bytes. */
  readonly memory: number;
  /** Messages being handled. */
  readonly inHand: number;
  /** Messages finished since it was started, failed ones included. */
  readonly processed: number;
  readonly failed: number;
  /** When each transport last answered, by its name; `null` for one that has not yet. */
  readonly polledAt: Readonly<Record<string, number | null>>;
  readonly isStopping: boolean;
  /** Why it is not ready; sentences. */
  readonly reasons: readonly string[];
}

/** The process of a worker. */
export interface WorkerProcess {
  readonly host: string;
  readonly pid: number;
  /** Bytes. */
  readonly memory: () => number;
}

export function describeWorker(state: WorkerState, { host, pid, memory }: WorkerProcess): WorkerDescription {
  const { info, now, isStopping, inHand, processed, failed, polls } = state;
  return {
    id: info.id,
    host,
    pid,
    transports: info.transportNames,
    queues: info.queueNames,
    concurrency: info.concurrency,
    startedAt: info.startedAt.getTime(),
    saidAt: now,
    memory: memory(),
    inHand,
    processed,
    failed,
    polledAt: Object.fromEntries(
      polls.map(({ transportName, answeredAt }) => [transportName, answeredAt ?? null]),
    ),
    isStopping,
    reasons: healthOf(state).reasons,
  };
}

/** What is read from a roll; nothing if no version of this package that is known has written it. */
export function readDescription(details: string): WorkerDescription | undefined {
  try {
    const read = JSON.parse(details) as Partial<WorkerDescription> | null;
    const isComplete =
      typeof read?.id === 'string' &&
      typeof read.host === 'string' &&
      typeof read.pid === 'number' &&
      Array.isArray(read.transports) &&
      typeof read.startedAt === 'number' &&
      typeof read.saidAt === 'number' &&
      typeof read.polledAt === 'object';
    return isComplete ? (read as WorkerDescription) : undefined;
  } catch {
    return undefined;
  }
}
