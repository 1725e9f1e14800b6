import { InvalidUsageError } from '../../errors/invalid-usage.error.js';
import { WorkerMessageSkipEvent } from '../../event/worker-message-skip.event.js';
import { summarizeError } from '../../failure/flatten-error.js';
import type { CommandContext, ConsoleCommand } from '../command.js';
import { EXIT_CODE, type ExitCode } from '../exit-code.js';
import { failedMessageIds } from '../failed-message-ids.js';
import { failedMessageDetails } from '../failed-message-view.js';
import { chooseFailureTransport, type TransportOption } from '../failure-transport-choice.js';
import { writeJson } from '../json-output.js';
import { printableLine } from '../printable.js';
import { writeDetails } from '../table.js';

interface Options {
  readonly force?: boolean;
  readonly transport?: TransportOption;
  readonly classFilter?: string;
}

/** What became of one message. */
interface Retried {
  readonly id: string;
  readonly outcome: 'handled' | 'failed' | 'gone' | 'removed' | 'skipped';
  readonly error?: string;
}

/** `failed:retry [ids…]`: runs messages of a failure transport again, in this process. */
export const failedRetryCommand: ConsoleCommand<Options> = {
  name: 'failed:retry',
  summary: 'Retry messages of a failure transport, asking for each of them',
  runsHandlers: true,

  define(line) {
    line
      .argument('[ids...]', 'the messages to retry; none: all of them')
      .option('--force', 'do not ask')
      .option('--class-filter <name>', 'only messages of this class, or whose name matches, e.g. billing.*')
      .option('--transport [name]', 'the failure transport; without a name: ask');
  },

  async run(context) {
    const { args, options, prompt } = context;
    if (args.length === 0 && options.force !== true && !prompt.isInteractive) {
      throw new InvalidUsageError(
        'Nobody is there to answer: name the messages to retry by their ids, or add "--force" to retry all of them.',
      );
    }
    const transport = await chooseFailureTransport(options.transport, context);
    const ids = args.length > 0 ? [...new Set(args)] : await failedMessageIds(transport, context);
    return report(transport, await retryAll(transport, ids, context), context);
  },
};

/** One after the other, until a signal comes. */
async function retryAll(
  transport: string,
  ids: readonly string[],
  context: CommandContext<Options>,
): Promise<readonly Retried[]> {
  const { signals, format, output, prompt } = context;
  let isStopped = false;
  signals.onStop(() => {
    isStopped = true;
    prompt.abort();
  });
  const done: Retried[] = [];
  for (const id of ids) {
    if (isStopped) {
      break;
    }
    const retried = await retryOne(transport, id, context);
    done.push(retried);
    if (format === 'text') {
      output.write(`${textOf(retried)}\n`);
    }
  }
  return done;
}

async function retryOne(transport: string, id: string, context: CommandContext<Options>): Promise<Retried> {
  const { messenger, options, prompt } = context;
  const isAsking = options.force !== true && prompt.isInteractive;
  const answer = isAsking ? await ask(transport, id, context) : 'retry';
  switch (answer) {
    case 'retry': {
      const result = await messenger.retrier.retry(transport, id);
      return result.outcome === 'failed'
        ? { id, outcome: 'failed', error: summarizeError(result.error).message }
        : { id, outcome: result.outcome };
    }
    case 'delete':
      return { id, outcome: (await messenger.failedMessages.remove(transport, id)) ? 'removed' : 'gone' };
    default:
      return { id, outcome: answer === 'skip' ? 'skipped' : 'gone' };
  }
}

async function ask(
  transport: string,
  id: string,
  { messenger, output, prompt }: CommandContext,
): Promise<'retry' | 'delete' | 'skip' | 'gone'> {
  const message = await messenger.failedMessages.find(transport, id);
  if (message === undefined) {
    return 'gone';
  }
  writeDetails(output, failedMessageDetails(message, false));
  const answer = await prompt.chooseOne('What shall be done with this message?', ['retry', 'delete', 'skip']);
  if (answer === 'skip') {
    await messenger.events.notify(new WorkerMessageSkipEvent(message.envelope, transport));
  }
  return answer;
}

function report(
  transport: string,
  retried: readonly Retried[],
  { output, format }: CommandContext,
): ExitCode {
  const isFailed = retried.some(({ outcome }) => outcome === 'failed' || outcome === 'gone');
  if (format === 'json') {
    writeJson(output, { transport, messages: retried });
  } else if (retried.length === 0) {
    output.write(`No messages in "${transport}".\n`);
  }
  return isFailed ? EXIT_CODE.failed : EXIT_CODE.done;
}

function textOf({ id, outcome, error }: Retried): string {
  switch (outcome) {
    case 'handled':
      return `Message "${id}" was handled.`;
    case 'failed':
      return `Message "${id}" failed again, and is still there: ${printableLine(error ?? '')}`;
    case 'gone':
      return `Message "${id}" was not found, or is in the hands of a worker.`;
    default:
      return `Message "${id}" was ${outcome}.`;
  }
}
