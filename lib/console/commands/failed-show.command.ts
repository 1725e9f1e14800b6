import { MessageNotFoundError } from '../../errors/message-not-found.error.js';
import { quoted } from '../../errors/quoted.js';
import type { FailedMessage } from '../../failure/failed-messages.js';
import { countByClass, reportClassCounts } from '../class-counts.js';
import { type Collected, collect } from '../collect.js';
import type { CommandContext, ConsoleCommand } from '../command.js';
import { EXIT_CODE, type ExitCode } from '../exit-code.js';
import {
  chooseFailedMessages,
  defineFilter,
  type FilterOptions,
  passesFilter,
  readFilter,
} from '../failed-message-filter.js';
import { failedMessageDetails, failedMessageJson, writeFailedMessages } from '../failed-message-view.js';
import { chooseFailureTransport, type TransportOption } from '../failure-transport-choice.js';
import { writeJson } from '../json-output.js';
import { positiveInteger } from '../option-values.js';
import { writeDetails } from '../table.js';
import { isAtLeast } from '../verbosity.js';

interface Options extends FilterOptions {
  readonly max: string;
  readonly transport?: TransportOption;
  readonly stats?: boolean;
}

/** `failed:show [id]`: what is in a failure transport. */
export const failedShowCommand: ConsoleCommand<Options> = {
  name: 'failed:show',
  summary: 'Show the messages in a failure transport, or one of them (-v: with the trace)',

  define(line) {
    defineFilter(
      line
        .argument('[id]', 'show this message in full')
        .option('--max <n>', 'show at the most this many messages', '50')
        .option('--transport [name]', 'the failure transport; without a name: ask')
        .option('--stats', 'count the messages of each class'),
    );
  },

  async run(context) {
    const { args, options, messenger } = context;
    const [id] = args;
    const max = positiveInteger('max', options.max);
    const filter = readFilter(args, options, messenger.clock.now());
    const transport = await chooseFailureTransport(options.transport, context);
    if (id !== undefined) {
      return showOne(transport, id, context);
    }
    if (options.stats === true) {
      const chosen = await chooseFailedMessages(transport, filter, context);
      const counts = await countByClass(chosen.map(({ messageName }) => messageName));
      reportClassCounts(transport, counts, context);
      return EXIT_CODE.done;
    }
    const messages = messenger.failedMessages.list(transport);
    return showList(
      transport,
      await collect(messages, (message) => passesFilter(message, filter), max),
      context,
    );
  },
};

async function showOne(
  transport: string,
  id: string,
  { messenger, output, format, verbosity }: CommandContext,
): Promise<ExitCode> {
  const { failedMessages, registry } = messenger;
  const message = await failedMessages.find(transport, id);
  if (message === undefined) {
    throw new MessageNotFoundError(transport, id);
  }
  if (format === 'json') {
    const parts = { withContent: true, withTraces: isAtLeast(verbosity, 'verbose') };
    writeJson(output, { transport, ...failedMessageJson(message, parts, registry) });
  } else {
    writeDetails(output, failedMessageDetails(message, verbosity, registry));
  }
  return EXIT_CODE.done;
}

function showList(
  transport: string,
  { items, hasMore }: Collected<FailedMessage>,
  { messenger, output, format, verbosity }: CommandContext,
): ExitCode {
  if (format === 'json') {
    const isFull = isAtLeast(verbosity, 'verbose');
    const parts = { withContent: isFull, withTraces: isFull };
    const messages = items.map((message) => failedMessageJson(message, parts, messenger.registry));
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
