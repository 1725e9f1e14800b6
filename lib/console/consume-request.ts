import { InvalidUsageError } from '../errors/invalid-usage.error.js';
import type { WorkerOptions } from '../worker/worker-options.js';
import type { HealthRequest } from './health-reports.js';
import {
  bytes,
  keepaliveInterval,
  port,
  positiveInteger,
  seconds,
  valueAfterEquals,
} from './option-values.js';

/** The options of `consume` as commander hands them over: texts, and flags. */
export interface ConsumeOptions {
  readonly limit?: string;
  readonly failureLimit?: string;
  readonly memoryLimit?: string;
  readonly timeLimit?: string;
  readonly sleep?: string;
  readonly bus?: string;
  readonly queues?: readonly string[];
  /** `--no-reset`: false. `--no-reset=N`: N. */
  readonly reset?: boolean | string;
  readonly all?: boolean;
  readonly excludeReceivers?: readonly string[];
  /** `--keepalive`: true. `--keepalive=N`: N. */
  readonly keepalive?: boolean | string;
  readonly fetchSize?: string;
  readonly concurrency?: string;
  readonly grace?: string;
  readonly blockWarning?: string;
  readonly healthFile?: string;
  readonly healthPort?: string;
  readonly healthHost?: string;
}

/** Which receivers a person asked for, not yet compared with those that exist. */
export interface ReceiverRequest {
  /** Names, or regular expressions such as `/^mail/`. */
  readonly names: readonly string[];
  readonly all: boolean;
  readonly excluded: readonly string[];
}

/** What `consume` was asked to do. */
export interface ConsumeRequest {
  readonly receivers: ReceiverRequest;
  /** Dispatch every message on this bus, whatever bus it names. */
  readonly bus: string | undefined;
  readonly worker: WorkerOptions;
  readonly health: HealthRequest;
}

/** Reads the command line of `consume`. @throws InvalidUsageError for a value or a combination that makes no sense. */
export function readConsumeRequest(names: readonly string[], options: ConsumeOptions): ConsumeRequest {
  const { all = false, excludeReceivers: excluded = [] } = options;
  if (all && names.length > 0) {
    throw new InvalidUsageError('Name the receivers, or consume from "--all" of them; not both.');
  }
  if (excluded.length > 0 && !all) {
    throw new InvalidUsageError(
      'The "--exclude-receivers" option can only be used together with the "--all" option.',
    );
  }
  return {
    receivers: { names, all, excluded },
    bus: options.bus,
    worker: readWorkerOptions(options),
    health: readHealthRequest(options),
  };
}

function readHealthRequest({ healthFile, healthPort, healthHost }: ConsumeOptions): HealthRequest {
  if (healthHost !== undefined && healthPort === undefined) {
    throw new InvalidUsageError(
      'The "--health-host" option can only be used together with the "--health-port" option.',
    );
  }
  return {
    ...(healthFile !== undefined && { file: healthFile }),
    ...(healthPort !== undefined && { port: port('health-port', healthPort) }),
    ...(healthHost !== undefined && { host: healthHost }),
  };
}

function readWorkerOptions(options: ConsumeOptions): WorkerOptions {
  const { limit, failureLimit, memoryLimit, timeLimit, sleep, queues, keepalive, grace } = options;
  const { fetchSize, concurrency, reset, blockWarning } = options;
  const keepaliveMs = keepaliveInterval(keepalive);
  return {
    ...(limit !== undefined && { limit: positiveInteger('limit', limit) }),
    ...(failureLimit !== undefined && { failureLimit: positiveInteger('failure-limit', failureLimit) }),
    ...(memoryLimit !== undefined && { memoryLimit: bytes('memory-limit', memoryLimit) }),
    ...(timeLimit !== undefined && { timeLimit: seconds('time-limit', timeLimit) }),
    // Zero would ask without a pause. A wait ends as soon as a message arrives, so a longer one delays nothing.
    ...(sleep !== undefined && { sleep: Math.max(1, seconds('sleep', sleep, 'zero')) }),
    ...(queues !== undefined && queues.length > 0 && { queues }),
    ...(fetchSize !== undefined && { fetchSize: positiveInteger('fetch-size', fetchSize) }),
    ...(concurrency !== undefined && { concurrency: positiveInteger('concurrency', concurrency) }),
    ...(grace !== undefined && { grace: seconds('grace', grace, 'zero') }),
    ...(blockWarning !== undefined && { blockWarning: seconds('block-warning', blockWarning) }),
    ...(keepaliveMs !== undefined && { keepalive: keepaliveMs }),
    ...(typeof reset === 'string' && { reset: valueAfterEquals('no-reset', reset, positiveInteger) }),
    ...(reset === false && { reset: false as const }),
  };
}
