import { InvalidUsageError } from '../../errors/invalid-usage.error.js';
import { quoted } from '../../errors/nearest-name.js';
import type { CommandContext, ConsoleCommand } from '../command.js';
import { EXIT_CODE, type ExitCode } from '../exit-code.js';
import { failedMessageIds } from '../failed-message-ids.js';
import { failedMessageDetails, failedMessageRow } from '../failed-message-view.js';
import { chooseFailureTransport, type TransportOption } from '../failure-transport-choice.js';
import { writeJson } from '../json-output.js';
import { writeDetails, writeTable } from '../table.js';

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
    if (context.format === 'text' && (options.showMessages === true || ids.length === 1)) {
      await showMessages(transport, ids, context);
    }
    const isWanted = ids.length === 0 || options.force === true || (await confirm(transport, ids, context));
    return isWanted ? remove(transport, ids, context) : EXIT_CODE.done;
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
    writeTable(output, {
      head: ['Id', 'Message', 'Failed at', 'Error'],
      rows: messages.map(failedMessageRow),
    });
  }
}

function confirm(transport: string, ids: readonly string[], { prompt }: CommandContext): Promise<boolean> {
  return prompt.confirm(`Remove ${ids.length} message(s) from "${transport}" for good?`);
}

async function remove(
  transport: string,
  ids: readonly string[],
  { messenger, output, format }: CommandContext,
): Promise<ExitCode> {
  const removed: string[] = [];
  const notFound: string[] = [];
  for (const id of ids) {
    ((await messenger.failedMessages.remove(transport, id)) ? removed : notFound).push(id);
  }
  if (format === 'json') {
    writeJson(output, { transport, removed, notFound });
  } else {
    output.write(`${removed.length} message(s) removed from "${transport}".\n`);
  }
  if (notFound.length > 0) {
    output.writeError(`Not found, or in the hands of a worker: ${quoted(notFound)}.\n`);
  }
  return notFound.length === 0 ? EXIT_CODE.done : EXIT_CODE.failed;
}
