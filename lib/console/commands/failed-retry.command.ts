import { InvalidUsageError } from '../../errors/invalid-usage.error.js';
import { quoted } from '../../errors/quoted.js';
import { WorkerMessageSkipEvent } from '../../event/worker-message-skip.event.js';
import { type Retried, retryAsRequested, retryInBulk } from '../bulk-retry.js';
import type { CommandContext, ConsoleCommand } from '../command.js';
import type { ExitCode } from '../exit-code.js';
import { chooseFailedMessages } from '../failed-message-filter.js';
import { failedMessageDetails } from '../failed-message-view.js';
import { chooseFailureTransport } from '../failure-transport-choice.js';
import { RetryProgress } from '../retry-progress.js';
import { reportDryRun, reportRetry, retriedText } from '../retry-report.js';
import { defineRetry, readRetryRequest, type RetryOptions, type RetryRequest } from '../retry-request.js';
import { resumption } from '../retry-resumption.js';
import { writeDetails } from '../table.js';

/** `failed:retry [ids…]`: runs messages of a failure transport again, in this process, or sends them back to their workers. */
export const failedRetryCommand: ConsoleCommand<RetryOptions> = {
  name: 'failed:retry',
  summary: 'Retry messages of a failure transport, asking for each of them',
  runsHandlers: true,

  define(line) {
    defineRetry(line);
  },

  async run(context) {
    const { args, options, messenger, prompt } = context;
    const startedAt = messenger.clock.now();
    const request = readRetryRequest(args, options, startedAt);
    const isDecided = args.length > 0 || options.force === true || options.dryRun === true;
    if (!isDecided && !prompt.isInteractive) {
      throw new InvalidUsageError(
        'Nobody is there to answer: name the messages to retry by their ids, or add "--force" to retry all of them.',
      );
    }
    const transport = await chooseFailureTransport(options.transport, context);
    if (options.dryRun === true) {
      return dryRun(transport, request, context);
    }
    const chosen = args.length > 0 ? [] : await chooseFailedMessages(transport, request.filter, context);
    const ids = args.length > 0 ? request.ids : chosen.map(({ id }) => id);
    return retry(transport, ids, request, startedAt, context);
  },
};

async function retry(
  transport: string,
  ids: readonly string[],
  request: RetryRequest,
  startedAt: number,
  context: CommandContext<RetryOptions>,
): Promise<ExitCode> {
  const { options, prompt, output, format, messenger } = context;
  const isAsking = options.force !== true && prompt.isInteractive;
  const hasProgress = format === 'text' && output.isTerminal && !isAsking && ids.length > 1;
  const progress = hasProgress ? new RetryProgress(output, ids.length, messenger.clock) : undefined;
  const onRetried = (retried: Retried): void => {
    progress?.add(retried);
    // What went well is told by the progress.
    if (format === 'text' && (progress === undefined || ['failed', 'gone'].includes(retried.outcome))) {
      output.write(`${retriedText(retried)}\n`);
    }
  };
  const retryOne = isAsking ? askFirst : retryAsRequested;
  try {
    const result = await retryInBulk(
      ids,
      request,
      context,
      (id) => retryOne(transport, id, request, context),
      onRetried,
    );
    progress?.end();
    const isResumable = !isAsking && result.notTried.length > 0;
    const next = isResumable ? resumption(transport, request, result, options, startedAt) : undefined;
    return reportRetry(transport, result, next, context);
  } finally {
    progress?.end();
  }
}

async function askFirst(
  transport: string,
  id: string,
  request: RetryRequest,
  context: CommandContext,
): Promise<Retried> {
  const { messenger } = context;
  const answer = await ask(transport, id, context);
  switch (answer) {
    case 'retry':
      return retryAsRequested(transport, id, request, context);
    case 'delete':
      return { id, outcome: (await messenger.failedMessages.remove(transport, id)) ? 'removed' : 'gone' };
    default:
      return { id, outcome: answer === 'skip' ? 'skipped' : 'gone' };
  }
}

async function ask(
  transport: string,
  id: string,
  { messenger, output, prompt, verbosity }: CommandContext,
): Promise<'retry' | 'delete' | 'skip' | 'gone'> {
  const message = await messenger.failedMessages.find(transport, id);
  if (message === undefined) {
    return 'gone';
  }
  writeDetails(output, failedMessageDetails(message, verbosity, messenger.registry));
  const answer = await prompt.chooseOne('What shall be done with this message?', ['retry', 'delete', 'skip']);
  if (answer === 'skip') {
    await messenger.events.notify(new WorkerMessageSkipEvent(message.envelope, transport));
  }
  return answer;
}

async function dryRun(
  transport: string,
  request: RetryRequest,
  context: CommandContext<RetryOptions>,
): Promise<ExitCode> {
  const { ids, filter } = request;
  if (ids.length === 0) {
    const chosen = await chooseFailedMessages(transport, filter, context);
    return reportDryRun(transport, chosen, [], request, context);
  }
  const { failedMessages } = context.messenger;
  const found = await Promise.all(ids.map((id) => failedMessages.find(transport, id)));
  const chosen = found.filter((message) => message !== undefined);
  const notFound = ids.filter((_, index) => found[index] === undefined);
  if (notFound.length > 0) {
    context.output.writeError(`Not found: ${quoted(notFound)}.\n`);
  }
  return reportDryRun(transport, chosen, notFound, request, context);
}
