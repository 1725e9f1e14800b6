import { InvalidUsageError } from '../../errors/invalid-usage.error.js';
import { quoted } from '../../errors/quoted.js';
import type { CommandContext, ConsoleCommand } from '../command.js';
import { EXIT_CODE, type ExitCode } from '../exit-code.js';
import { failedMessageIds } from '../failed-message-ids.js';
import { failedMessageDetails, writeFailedMessages } from '../failed-message-view.js';
import { chooseFailureTransport, type TransportOption } from '../failure-transport-choice.js';
import { writeJson } from '../json-output.js';
import { writeDetails } from '../table.js';

interface Options {
  readonly all?: boolean;
  readonly force?: boolean;
  readonly showMessages?: boolean;
  readonly transport?: TransportOption;
  readonly classFilter?: string;
}

/** `failed:remove ids…|--all`: deletes messages of a failure transport for good. */
export const failedRemoveCommand: ConsoleCommand<Options> = {
  name: 'failed:remove',
  summary: 'Remove messages from a failure transport',

  define(line) {
    line
      .argument('[ids...]', 'the messages to remove')
      .option('--all', 'remove all messages')
      .option(
        '--class-filter <name>',
        'remove the messages of this class, or whose name matches, e.g. billing.*',
      )
      .option('--force', 'do not ask')
      .option('--show-messages', 'show the messages before they are removed')
      .option('--transport [name]', 'the failure transport; without a name: ask');
  },

  async run(context) {
    assertSelection(context);
    const { args, options } = context;
    const transport = await chooseFailureTransport(options.transport, context);
    const ids = args.length > 0 ? [...new Set(args)] : await failedMessageIds(transport, context);
    // Nobody shall be asked about messages that are not there.
    const absent = options.force === true ? [] : await absentIds(transport, args, context);
    writeNotFound(absent, context);
    const present = ids.filter((id) => !absent.includes(id));
    if (context.format === 'text' && (options.showMessages === true || ids.length === 1)) {
      await showMessages(transport, present, context);
    }
    const isWanted =
      present.length === 0 || options.force === true || (await confirm(transport, present, context));
    return isWanted ? remove(transport, present, absent, context) : EXIT_CODE.done;
  },
};

function assertSelection({ args, options, prompt }: CommandContext<Options>): void {
  const isSelected = options.all === true || options.classFilter !== undefined;
  if (args.length > 0 && isSelected) {
    throw new InvalidUsageError('Name messages by their ids, or use "--all" or "--class-filter"; not both.');
  }
  if (args.length === 0 && !isSelected) {
    throw new InvalidUsageError('Name at least one message by its id. To remove all messages, use "--all".');
  }
  if (options.force !== true && !prompt.isInteractive) {
    throw new InvalidUsageError('Nobody is there to confirm it: to remove messages for good, add "--force".');
  }
}

async function showMessages(
  transport: string,
  ids: readonly string[],
  { messenger, output }: CommandContext,
): Promise<void> {
  const found = await Promise.all(ids.map((id) => messenger.failedMessages.find(transport, id)));
  const messages = found.filter((message) => message !== undefined);
  const [only] = messages;
  if (only !== undefined && ids.length === 1) {
    writeDetails(output, failedMessageDetails(only, false));
  } else if (messages.length > 0) {
    writeFailedMessages(output, messages);
  }
}

async function absentIds(
  transport: string,
  ids: readonly string[],
  { messenger }: CommandContext,
): Promise<readonly string[]> {
  const found = await Promise.all(ids.map((id) => messenger.failedMessages.find(transport, id)));
  return ids.filter((_, index) => found[index] === undefined);
}

function writeNotFound(ids: readonly string[], { output }: CommandContext): void {
  if (ids.length > 0) {
    output.writeError(`Not found, or in the hands of a worker: ${quoted(ids)}.\n`);
  }
}

function confirm(transport: string, ids: readonly string[], { prompt }: CommandContext): Promise<boolean> {
  return prompt.confirm(`Remove ${ids.length} message(s) from "${transport}" for good?`);
}

async function remove(
  transport: string,
  ids: readonly string[],
  absent: readonly string[],
  context: CommandContext,
): Promise<ExitCode> {
  const { messenger, output, format } = context;
  const removed: string[] = [];
  const gone: string[] = [];
  for (const id of ids) {
    ((await messenger.failedMessages.remove(transport, id)) ? removed : gone).push(id);
  }
  const notFound = [...new Set([...absent, ...gone])];
  if (format === 'json') {
    writeJson(output, { transport, removed, notFound });
  } else {
    output.write(`${removed.length} message(s) removed from "${transport}".\n`);
  }
  writeNotFound(gone, context);
  return notFound.length === 0 ? EXIT_CODE.done : EXIT_CODE.failed;
}
