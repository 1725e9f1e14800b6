import { MessageNotFoundError } from '../../errors/message-not-found.error.js';
import { quoted } from '../../errors/quoted.js';
import type { FailedMessage } from '../../failure/failed-messages.js';
import { type Collected, collect } from '../collect.js';
import type { CommandContext, ConsoleCommand } from '../command.js';
import { EXIT_CODE, type ExitCode } from '../exit-code.js';
import { failedMessageDetails, failedMessageJson, writeFailedMessages } from '../failed-message-view.js';
import { chooseFailureTransport, type TransportOption } from '../failure-transport-choice.js';
import { writeJson } from '../json-output.js';
import { matchesClassFilter } from '../message-content.js';
import { positiveInteger } from '../option-values.js';
import { printableLine } from '../printable.js';
import { writeDetails, writeTable } from '../table.js';
import { isAtLeast } from '../verbosity.js';

interface Options {
  readonly max: string;
  readonly transport?: TransportOption;
  readonly stats?: boolean;
  readonly classFilter?: string;
}

/** `failed:show [id]`: what is in a failure transport. */
export const failedShowCommand: ConsoleCommand<Options> = {
  name: 'failed:show',
  summary: 'Show the messages in a failure transport, or one of them (-v: with its content and the trace)',

  define(line) {
    line
      .argument('[id]', 'show this message in full')
      .option('--max <n>', 'show at the most this many messages', '50')
      .option('--transport [name]', 'the failure transport; without a name: ask')
      .option('--stats', 'count the messages of each class')
      .option('--class-filter <name>', 'only messages of this class, or whose name matches, e.g. billing.*');
  },

  async run(context) {
    const {
      args: [id],
      options,
      messenger,
    } = context;
    const max = positiveInteger('max', options.max);
    const transport = await chooseFailureTransport(options.transport, context);
    if (id !== undefined) {
      return showOne(transport, id, context);
    }
    const messages = messenger.failedMessages.list(transport);
    const isWanted = ({ envelope }: FailedMessage): boolean =>
      matchesClassFilter(envelope, options.classFilter);
    if (options.stats === true) {
      return showStats(transport, messages, isWanted, context);
    }
    return showList(transport, await collect(messages, isWanted, max), context);
  },
};

async function showOne(
  transport: string,
  id: string,
  { messenger, output, format, verbosity }: CommandContext,
): Promise<ExitCode> {
  const message = await messenger.failedMessages.find(transport, id);
  if (message === undefined) {
    throw new MessageNotFoundError(transport, id);
  }
  const withContent = isAtLeast(verbosity, 'verbose');
  if (format === 'json') {
    writeJson(output, { transport, ...failedMessageJson(message, withContent) });
  } else {
    writeDetails(output, failedMessageDetails(message, withContent));
  }
  return EXIT_CODE.done;
}

function showList(
  transport: string,
  { items, hasMore }: Collected<FailedMessage>,
  { messenger, output, format, verbosity }: CommandContext,
): ExitCode {
  if (format === 'json') {
    const messages = items.map((message) => failedMessageJson(message, isAtLeast(verbosity, 'verbose')));
    writeJson(output, { transport, messages, hasMore });
    return EXIT_CODE.done;
  }
  if (items.length > 0) {
    writeFailedMessages(output, items);
  }
  const count = items.length === 0 ? 'No messages' : `${items.length} message(s)`;
  output.write(`${count} in "${transport}"${hasMore ? ' shown; "--max" shows more' : ''}.\n`);
  const others = messenger.failedMessages.failureTransportNames().filter((name) => name !== transport);
  if (others.length > 0) {
    output.write(`Other failure transports: ${quoted(others)} (see "--transport").\n`);
  }
  return EXIT_CODE.done;
}

async function showStats(
  transport: string,
  messages: AsyncIterable<FailedMessage>,
  isWanted: (message: FailedMessage) => boolean,
  { output, format }: CommandContext,
): Promise<ExitCode> {
  const counts = new Map<string, number>();
  for await (const message of messages) {
    if (isWanted(message)) {
      counts.set(message.messageName, (counts.get(message.messageName) ?? 0) + 1);
    }
  }
  if (format === 'json') {
    writeJson(output, { transport, stats: Object.fromEntries(counts) });
  } else if (counts.size === 0) {
    output.write(`No messages in "${transport}".\n`);
  } else {
    const rows = Array.from(counts, ([name, count]) => [printableLine(name), String(count)]);
    writeTable(output, { head: ['Message', 'Count'], rows });
  }
  return EXIT_CODE.done;
}
