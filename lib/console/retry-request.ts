import type { Command as CommandLine } from 'commander';
import {
  defineFilter,
  type FailedMessageFilter,
  type FilterOptions,
  readFilter,
} from './failed-message-filter.js';
import type { TransportOption } from './failure-transport-choice.js';
import { keepaliveInterval, positiveInteger, rate } from './option-values.js';

/** The options of `failed:retry` as commander hands them over. */
export interface RetryOptions extends FilterOptions {
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly redispatch?: boolean;
  readonly rate?: string;
  readonly limit?: string;
  readonly failureLimit?: string;
  /** `--keepalive`: true. `--keepalive=N`: N. */
  readonly keepalive?: boolean | string;
  readonly transport?: TransportOption;
}

/** What `failed:retry` was asked to do. */
export interface RetryRequest {
  /** The messages that were named; none: all that pass the filter. */
  readonly ids: readonly string[];
  readonly filter: FailedMessageFilter;
  /** Send them back to where they failed, rather than handle them here. */
  readonly isRedispatch: boolean;
  /** Milliseconds from the start of one message to that of the next. */
  readonly interval: number;
  readonly limit: number;
  readonly failureLimit: number;
  /** Milliseconds between two signs of life for a message that is handled. */
  readonly keepalive: number | undefined;
}

/** Declares the options of {@link readRetryRequest}, and those by which it is decided whether anything is done. */
export function defineRetry(line: CommandLine): CommandLine {
  return defineFilter(
    line
      .argument('[ids...]', 'the messages to retry; none: all of them')
      .option('--force', 'do not ask')
      .option('--dry-run', 'only tell how many would be retried'),
  )
    .option('--redispatch', 'send them back to the transport they failed on, for its workers')
    .option('--rate <rate>', 'retry no more than so many in a time, e.g. 50/s, 600/m')
    .option('-l, --limit <n>', 'retry at the most this many messages')
    .option('-f, --failure-limit <n>', 'stop after this many that failed again')
    .option('--keepalive [seconds]', 'time between two signs of life for the message in hand')
    .option('--transport [name]', 'the failure transport; without a name: ask');
}

/** Reads the command line of `failed:retry`. @throws InvalidUsageError for a value or a combination that makes no sense. */
export function readRetryRequest(ids: readonly string[], options: RetryOptions, now: number): RetryRequest {
  const { limit, failureLimit } = options;
  return {
    ids: [...new Set(ids)],
    filter: readFilter(ids, options, now),
    isRedispatch: options.redispatch === true,
    interval: options.rate === undefined ? 0 : rate('rate', options.rate),
    limit: limit === undefined ? Number.POSITIVE_INFINITY : positiveInteger('limit', limit),
    failureLimit:
      failureLimit === undefined ? Number.POSITIVE_INFINITY : positiveInteger('failure-limit', failureLimit),
    keepalive: keepaliveInterval(options.keepalive),
  };
}
