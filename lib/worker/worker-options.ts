import { InvalidOptionError } from '../errors/invalid-option.error.js';

/** How a worker runs. Times are in milliseconds, sizes in bytes. */
export interface WorkerOptions {
  /** Messages handled at the same time. @default 1 */
  readonly concurrency?: number;
  /**
   * Messages of each transport held beyond those being handled; `'auto'` holds about 100 ms of work, measured, at the most
   * 500 messages or 8 MiB, and none on a transport that cannot take messages back. @default 'auto'
   */
  readonly prefetch?: number | 'auto';
  /** The most messages for one fetch; sets `prefetch` to one less. @default as many as there is room for */
  readonly fetchSize?: number;
  /** How long one wait for messages lasts, and the pause between polls of a transport that cannot wait. @default 1000 */
  readonly sleep?: number;
  /** Only these queues of the transports, see `QueueAware`. */
  readonly queues?: readonly string[];
  /** Stop after this many messages, failed ones included. */
  readonly limit?: number;
  /** Stop after this many failures, those that are retried included. */
  readonly failureLimit?: number;
  /** Stop when the process occupies more memory (RSS). */
  readonly memoryLimit?: number;
  /** Stop after this time; what runs is finished. */
  readonly timeLimit?: number;
  /** Stop when every transport is empty. Delayed messages are not waited for. @default false */
  readonly stopWhenIdle?: boolean;
  /** How long a stopping worker waits for running handlers before it aborts their signals and goes. @default 30000 */
  readonly grace?: number;
  /** Time between two signs of life to the transports. @default a third of the lease */
  readonly keepalive?: number;
  /** Reset `Resettable` services after this many messages; `false`: never. @default 1 */
  readonly reset?: number | false;
}

/** {@link WorkerOptions} with the defaults filled in. */
export type ResolvedWorkerOptions = WorkerOptions &
  Required<Pick<WorkerOptions, 'concurrency' | 'prefetch' | 'sleep' | 'stopWhenIdle' | 'grace' | 'reset'>>;

const MINIMUM: { readonly [K in keyof WorkerOptions]?: number } = {
  concurrency: 1,
  prefetch: 0,
  fetchSize: 1,
  sleep: 0,
  limit: 1,
  failureLimit: 1,
  memoryLimit: 1,
  timeLimit: 1,
  grace: 0,
  keepalive: 1,
  reset: 1,
};

const WHOLE = new Set<string>(['concurrency', 'prefetch', 'fetchSize', 'limit', 'failureLimit', 'reset']);

/** @throws InvalidOptionError for a value out of range. */
export function resolveWorkerOptions(options: WorkerOptions): ResolvedWorkerOptions {
  for (const [name, min] of Object.entries(MINIMUM)) {
    const value: unknown = options[name as keyof WorkerOptions];
    const isNumber =
      typeof value === 'number' && value >= min && (!WHOLE.has(name) || Number.isInteger(value));
    if (value !== undefined && value !== 'auto' && value !== false && !isNumber) {
      const kind = WHOLE.has(name) ? 'a whole number' : 'a number';
      throw new InvalidOptionError(
        'Worker',
        name,
        `must be ${kind} from ${min} up, got ${JSON.stringify(value)}`,
      );
    }
  }
  const prefetch = options.fetchSize === undefined ? 'auto' : options.fetchSize - 1;
  return { concurrency: 1, prefetch, sleep: 1000, stopWhenIdle: false, grace: 30_000, reset: 1, ...options };
}
