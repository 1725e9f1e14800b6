import type { BulkRetry, Retried } from './bulk-retry.js';
import { countByClass, writeClassCounts } from './class-counts.js';
import type { CommandContext } from './command.js';
import { durationText } from './duration-text.js';
import { EXIT_CODE, type ExitCode } from './exit-code.js';
import type { ChosenMessage } from './failed-message-filter.js';
import { writeJson } from './json-output.js';
import { printable, printableLine } from './printable.js';
import type { RetryRequest } from './retry-request.js';
import { shellText } from './retry-resumption.js';

/** What is said of an outcome in a summary. */
const SUMMARY: Readonly<Record<Retried['outcome'], string>> = {
  handled: 'handled',
  redispatched: 'sent back',
  failed: 'failed again',
  gone: 'not found, or in the hands of a worker',
  removed: 'removed',
  skipped: 'skipped',
};

/** One line for one message. */
export function retriedText({ id, outcome, error = '', to = '' }: Retried): string {
  switch (outcome) {
    case 'handled':
      return `Message "${id}" was handled.`;
    case 'redispatched':
      return `Message "${id}" was sent back to "${to}".`;
    case 'failed':
      return `Message "${id}" failed again, and is still there: ${printableLine(error)}`;
    case 'gone':
      return `Message "${id}" was not found, or is in the hands of a worker.`;
    default:
      return `Message "${id}" was ${outcome}.`;
  }
}

/** Reports on all of them. @param resumption the command line that goes on with the others; nothing if there are none. */
export function reportRetry(
  transport: string,
  { retried, notTried, stopReason, isBroken }: BulkRetry,
  resumption: readonly string[] | undefined,
  { output, format }: CommandContext,
): ExitCode {
  const counts = countsOf(retried);
  if (format === 'json') {
    writeJson(output, {
      transport,
      messages: retried,
      counts: Object.fromEntries(counts),
      notTried: notTried.length,
      ...(stopReason !== undefined && { stopReason }),
      ...(resumption !== undefined && { resume: resumption }),
    });
  } else if (retried.length === 0 && notTried.length === 0) {
    output.write(`No messages in "${transport}".\n`);
  } else if (retried.length > 1 || notTried.length > 0) {
    const parts = Array.from(counts, ([outcome, count]) => `${count} ${SUMMARY[outcome]}`);
    output.write(`${parts.join(', ') || 'Nothing was done'}.\n`);
  }
  if (format === 'text' && notTried.length > 0) {
    const reason = stopReason === undefined ? '' : `Stopped: ${printable(stopReason).replace(/\.$/, '')}. `;
    output.write(`${reason}${notTried.length} message(s) were not tried.\n`);
    if (resumption !== undefined) {
      output.write(`To go on with them: ${shellText(resumption)}\n`);
    }
  }
  const isFailed = isBroken || counts.has('failed') || counts.has('gone');
  return isFailed ? EXIT_CODE.failed : EXIT_CODE.done;
}

/** Tells what would be retried. @param notFound ids that were named, and are not there. */
export async function reportDryRun(
  transport: string,
  chosen: readonly ChosenMessage[],
  notFound: readonly string[],
  request: RetryRequest,
  { output, format }: CommandContext,
): Promise<ExitCode> {
  const count = Math.min(chosen.length, request.limit);
  const counts = await countByClass(chosen.slice(0, count).map(({ messageName }) => messageName));
  if (format === 'json') {
    writeJson(output, { transport, dryRun: true, count, classes: Object.fromEntries(counts), notFound });
  } else {
    if (counts.size > 0) {
      writeClassCounts(output, counts);
    }
    const deed = request.isRedispatch ? 'sent back' : 'retried';
    const time =
      request.interval === 0 ? '' : `, in ${durationText(Math.max(0, count - 1) * request.interval)} or more`;
    output.write(`${count} message(s) of "${transport}" would be ${deed}${time}. Nothing was done.\n`);
  }
  return notFound.length === 0 ? EXIT_CODE.done : EXIT_CODE.failed;
}

function countsOf(retried: readonly Retried[]): ReadonlyMap<Retried['outcome'], number> {
  const counts = new Map<Retried['outcome'], number>();
  for (const { outcome } of retried) {
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  return counts;
}
