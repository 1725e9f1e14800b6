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
  /** Tell, in the log and by `WorkerBlockedEvent`, when the event loop has stood still for so long. @default 5000 */
  readonly blockWarning?: number;
  /** Reset `Resettable` services after this many messages; `false`: never. @default 1 */
  readonly reset?: number | false;
}

/** {@link WorkerOptions} with the defaults filled in. */
export type ResolvedWorkerOptions = WorkerOptions &
  Required<
    Pick<
      WorkerOptions,
      'concurrency' | 'prefetch' | 'sleep' | 'stopWhenIdle' | 'grace' | 'blockWarning' | 'reset'
    >
  >;

/** What a number may be; `also` is what may stand in its place. */
interface Range {
  readonly min: number;
  readonly max?: number;
  readonly isWhole?: boolean;
  readonly also?: 'auto' | false;
}

/** Longer than Node's timers can hold, which would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const RANGES: { readonly [K in keyof WorkerOptions]?: Range } = {
  concurrency: { min: 1, isWhole: true },
  prefetch: { min: 0, isWhole: true, also: 'auto' },
  fetchSize: { min: 1, isWhole: true },
  sleep: { min: 0, max: LONGEST_TIMER_MS },
  limit: { min: 1, isWhole: true },
  failureLimit: { min: 1, isWhole: true },
  memoryLimit: { min: 1 },
  timeLimit: { min: 1 },
  grace: { min: 0, max: LONGEST_TIMER_MS },
  keepalive: { min: 1, max: LONGEST_TIMER_MS },
  blockWarning: { min: 100 },
  reset: { min: 1, isWhole: true, also: false },
};

/** @throws InvalidOptionError for a value out of range. */
export function resolveWorkerOptions(options: WorkerOptions): ResolvedWorkerOptions {
  for (const [name, range] of Object.entries(RANGES)) {
    const value: unknown = options[name as keyof WorkerOptions];
    if (value !== undefined && !fits(value, range)) {
      const shown = typeof value === 'number' ? String(value) : JSON.stringify(value);
      throw new InvalidOptionError('Worker', name, `must be ${describe(range)}, got ${shown}`);
    }
  }
  const prefetch = options.fetchSize === undefined ? 'auto' : options.fetchSize - 1;
  return {
    concurrency: 1,
    prefetch,
    sleep: 1000,
    stopWhenIdle: false,
    grace: 30_000,
    blockWarning: 5000,
    reset: 1,
    ...options,
  };
}

function fits(value: unknown, { min, max = Number.MAX_SAFE_INTEGER, isWhole = false, also }: Range): boolean {
  const isInRange = typeof value === 'number' && value >= min && value <= max;
  return (also !== undefined && value === also) || (isInRange && (!isWhole || Number.isInteger(value)));
}

function describe({ min, max, isWhole = false, also }: Range): string {
  const range = max === undefined ? `from ${min} up` : `from ${min} to ${max}`;
  return `${isWhole ? 'a whole number' : 'a number'} ${range}${also === undefined ? '' : ` or ${JSON.stringify(also)}`}`;
}
