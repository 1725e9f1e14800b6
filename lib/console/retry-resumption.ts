import type { BulkRetry } from './bulk-retry.js';
import type { RetryOptions, RetryRequest } from './retry-request.js';

/**
 * The command line that goes on with those whose turn did not come.
 *
 * Messages that were chosen by a filter are chosen by the same again, but without what failed after the start: that is what was
 * tried, and what came meanwhile.
 *
 * @param transport the failure transport.
 * @param startedAt when the messages were chosen, as an epoch in milliseconds.
 */
export function resumption(
  transport: string,
  { ids, filter }: RetryRequest,
  { notTried }: BulkRetry,
  options: RetryOptions,
  startedAt: number,
): readonly string[] {
  return [
    'failed:retry',
    ...(ids.length > 0 ? notTried : filterArguments(filter, startedAt)),
    '--force',
    ...(options.redispatch === true ? ['--redispatch'] : []),
    ...(options.rate === undefined ? [] : [`--rate=${options.rate}`]),
    ...(options.limit === undefined ? [] : [`--limit=${options.limit}`]),
    ...(options.failureLimit === undefined ? [] : [`--failure-limit=${options.failureLimit}`]),
    ...(typeof options.keepalive === 'string' ? [`--keepalive=${options.keepalive}`] : []),
    ...(options.transport === undefined ? [] : [`--transport=${transport}`]),
  ];
}

function filterArguments(
  { classFilter, failedAfter, failedBefore }: RetryRequest['filter'],
  startedAt: number,
): readonly string[] {
  // What is tried fails in the millisecond of the start at the earliest.
  const before = new Date(Math.min(failedBefore?.getTime() ?? startedAt, startedAt - 1));
  return [
    ...(classFilter === undefined ? [] : [`--class-filter=${classFilter}`]),
    ...(failedAfter === undefined ? [] : [`--failed-after=${failedAfter.toISOString()}`]),
    `--failed-before=${before.toISOString()}`,
  ];
}

/** As it is typed into a shell. */
export function shellText(args: readonly string[]): string {
  return args
    .map((arg) => (/^[\w.,:@%+=/-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
