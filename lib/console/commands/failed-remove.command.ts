import { InvalidUsageError } from '../../errors/invalid-usage.error.js';
import { quoted } from '../../errors/quoted.js';
import type { CommandContext, ConsoleCommand } from '../command.js';
import { EXIT_CODE, type ExitCode } from '../exit-code.js';
import {
  chooseFailedMessages,
  defineFilter,
  type FailedMessageFilter,
  type FilterOptions,
  isFiltering,
  readFilter,
} from '../failed-message-filter.js';
import { failedMessageDetails, writeFailedMessages } from '../failed-message-view.js';
import { chooseFailureTransport, type TransportOption } from '../failure-transport-choice.js';
import { writeJson } from '../json-output.js';
import { writeDetails } from '../table.js';

interface Options extends FilterOptions {
  readonly all?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly showMessages?: boolean;
  readonly transport?: TransportOption;
}

/** `failed:remove ids…|--all`: deletes messages of a failure transport for good. */
export const failedRemoveCommand: ConsoleCommand<Options> = {
  name: 'failed:remove',
  summary: 'Remove messages from a failure transport',

  define(line) {
    defineFilter(
      line
        .argument('[ids...]', 'the messages to remove')
        .option('--all', 'remove all messages')
        .option('--force', 'do not ask')
        .option('--dry-run', 'only tell how many would be removed')
        .option('--show-messages', 'show the messages before they are removed')
        .option('--transport [name]', 'the failure transport; without a name: ask'),
    );
  },

  async run(context) {
    const { args, options, messenger, format } = context;
    const filter = readFilter(args, options, messenger.clock.now());
    assertSelection(filter, context);
    const transport = await chooseFailureTransport(options.transport, context);
    const chosen = args.length > 0 ? [] : await chooseFailedMessages(transport, filter, context);
    const ids = args.length > 0 ? [...new Set(args)] : chosen.map(({ id }) => id);
    // Nobody shall be asked about messages that are not there.
    const mustExist = options.force !== true || options.dryRun === true;
    const absent = mustExist ? await absentIds(transport, args, context) : [];
    writeNotFound(absent, context);
    const present = ids.filter((id) => !absent.includes(id));
    if (format === 'text' && (options.showMessages === true || ids.length === 1)) {
      await showMessages(transport, present, context);
    }
    if (options.dryRun === true) {
      return reportDryRun(transport, present, absent, context);
    }
    const isWanted =
      present.length === 0 || options.force === true || (await confirm(transport, present, context));
    return isWanted ? remove(transport, present, absent, context) : EXIT_CODE.done;
  },
};

function assertSelection(
  filter: FailedMessageFilter,
  { args, options, prompt }: CommandContext<Options>,
): void {
  const isSelected = options.all === true || isFiltering(filter);
  if (args.length > 0 && isSelected) {
    throw new InvalidUsageError('Name messages by their ids, or use "--all"; not both.');
  }
  if (args.length === 0 && !isSelected) {
    throw new InvalidUsageError('Name at least one message by its id. To remove all messages, use "--all".');
  }
  if (options.force !== true && options.dryRun !== true && !prompt.isInteractive) {
    throw new InvalidUsageError('Nobody is there to confirm it: to remove messages for good, add "--force".');
  }
}

function reportDryRun(
  transport: string,
  ids: readonly string[],
  notFound: readonly string[],
  { output, format }: CommandContext,
): ExitCode {
  if (format === 'json') {
    writeJson(output, { transport, dryRun: true, count: ids.length, notFound });
  } else {
    output.write(`${ids.length} message(s) of "${transport}" would be removed. Nothing was done.\n`);
  }
  return notFound.length === 0 ? EXIT_CODE.done : EXIT_CODE.failed;
}

async function showMessages(
  transport: string,
  ids: readonly string[],
  { messenger, output, verbosity }: CommandContext,
): Promise<void> {
  const found = await Promise.all(ids.map((id) => messenger.failedMessages.find(transport, id)));
  const messages = found.filter((message) => message !== undefined);
  const [only] = messages;
  if (only !== undefined && ids.length === 1) {
    writeDetails(output, failedMessageDetails(only, verbosity, messenger.registry));
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
