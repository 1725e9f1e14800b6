import type { Envelope } from '../../envelope/envelope.js';
import { InvalidUsageError } from '../../errors/invalid-usage.error.js';
import { MessageNotFoundError } from '../../errors/message-not-found.error.js';
import { MissingCapabilityError } from '../../errors/missing-capability.error.js';
import { quoted } from '../../errors/quoted.js';
import { shownMessageName } from '../../message/shown-message-name.js';
import { isListable, type Listable } from '../../transport/capabilities.js';
import { countByClass, reportClassCounts } from '../class-counts.js';
import { matchesClassFilter } from '../class-filter.js';
import { collect } from '../collect.js';
import type { CommandContext, ConsoleCommand } from '../command.js';
import { EXIT_CODE, type ExitCode } from '../exit-code.js';
import { writeJson } from '../json-output.js';
import { knownName } from '../known-names.js';
import { messageDetails, messageJson, messageRow } from '../message-view.js';
import { positiveInteger } from '../option-values.js';
import { writeDetails, writeTable } from '../table.js';
import { isAtLeast } from '../verbosity.js';

interface Options {
  readonly max: string;
  readonly stats?: boolean;
  readonly classFilter?: string;
}

/** `show [transport] [id]`: what waits in a transport. Nothing is taken out of it. */
export const showCommand: ConsoleCommand<Options> = {
  name: 'show',
  summary: 'Show the messages that wait in a transport, or one of them',

  define(line) {
    line
      .argument('[transport]', 'the transport; may be left out if only one can list its messages')
      .argument('[id]', 'show this message in full')
      .option('--max <n>', 'show at the most this many messages', '50')
      .option('--stats', 'count the messages of each class')
      .option('--class-filter <name>', 'only messages of this class, or whose name matches, e.g. billing.*');
  },

  async run(context) {
    const {
      args: [name, id],
      options,
    } = context;
    const max = positiveInteger('max', options.max);
    if (id !== undefined && options.classFilter !== undefined) {
      throw new InvalidUsageError('Name a message by its id, or choose by "--class-filter"; not both.');
    }
    const transportName = await chooseTransport(name, context);
    const transport = listable(transportName, context);
    if (id !== undefined) {
      return showOne(transportName, await transport.find(id), id, context);
    }
    return options.stats === true
      ? showStats(transportName, transport, context)
      : showList(transportName, transport, max, context);
  },
};

async function chooseTransport(
  name: string | undefined,
  { messenger, prompt }: CommandContext,
): Promise<string> {
  const { transports } = messenger;
  if (name !== undefined) {
    return knownName('transport', name, transports.names());
  }
  const [first, ...others] = transports.names().filter((each) => isListable(transports.get(each)));
  if (first === undefined) {
    throw new InvalidUsageError('No transport can list its messages, "sqlite:" can.');
  }
  if (others.length > 0 && !prompt.isInteractive) {
    throw new InvalidUsageError(`Name a transport: ${quoted([first, ...others])}.`);
  }
  return others.length === 0 ? first : prompt.chooseOne('Which transport?', [first, ...others]);
}

function listable(name: string, { messenger: { transports } }: CommandContext): Listable {
  const transport = transports.get(name);
  if (isListable(transport)) {
    return transport;
  }
  const others = transports.names().filter((each) => isListable(transports.get(each)));
  throw new MissingCapabilityError(name, 'list its messages', `Transports that can: ${quoted(others)}.`);
}

async function showList(
  transportName: string,
  transport: Listable,
  max: number,
  { messenger, output, format, options, verbosity }: CommandContext<Options>,
): Promise<ExitCode> {
  const isWanted = (envelope: Envelope): boolean => matchesClassFilter(envelope, options.classFilter);
  const { items, hasMore } = await collect(transport.all(), isWanted, max);
  if (format === 'json') {
    const withContent = isAtLeast(verbosity, 'verbose');
    const messages = items.map((envelope) => messageJson(envelope, withContent, messenger.registry));
    writeJson(output, { transport: transportName, messages, hasMore });
    return EXIT_CODE.done;
  }
  if (items.length > 0) {
    writeTable(output, { head: ['Id', 'Message', 'Bus', 'Retries'], rows: items.map(messageRow) });
  }
  const count = items.length === 0 ? 'No messages' : `${items.length} message(s)`;
  output.write(`${count} in "${transportName}"${hasMore ? ' shown; "--max" shows more' : ''}.\n`);
  return EXIT_CODE.done;
}

async function showStats(
  transportName: string,
  transport: Listable,
  context: CommandContext<Options>,
): Promise<ExitCode> {
  const names = namesIn(transport, context.options.classFilter);
  reportClassCounts(transportName, await countByClass(names), context);
  return EXIT_CODE.done;
}

async function* namesIn(transport: Listable, classFilter: string | undefined): AsyncGenerator<string> {
  for await (const envelope of transport.all()) {
    if (matchesClassFilter(envelope, classFilter)) {
      yield shownMessageName(envelope.message);
    }
  }
}

function showOne(
  transport: string,
  envelope: Envelope | undefined,
  id: string,
  { messenger: { registry }, output, format }: CommandContext,
): ExitCode {
  if (envelope === undefined) {
    throw new MessageNotFoundError(transport, id);
  }
  if (format === 'json') {
    writeJson(output, { transport, ...messageJson(envelope, true, registry) });
  } else {
    writeDetails(output, messageDetails(envelope, registry));
  }
  return EXIT_CODE.done;
}
