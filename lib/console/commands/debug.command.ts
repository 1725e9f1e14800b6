import {
  type ApplicationDescription,
  describeApplication,
  type DescribedTransport,
} from '../application-description.js';
import { namesClass } from '../class-filter.js';
import type { ConsoleCommand } from '../command.js';
import { EXIT_CODE } from '../exit-code.js';
import { conditionsOf } from '../handler-conditions.js';
import { writeJson } from '../json-output.js';
import { knownName } from '../known-names.js';
import type { MessengerServices } from '../messenger-services.js';
import type { Output } from '../output.js';
import { writeTable } from '../table.js';

interface Options {
  readonly message?: string;
}

/** `debug [bus]`: which handlers a message has, where it goes, and how the transports are set. */
export const debugCommand: ConsoleCommand<Options> = {
  name: 'debug',
  summary: 'Show handlers, routing and transports',

  define(line) {
    line
      .argument('[bus]', 'only the handlers of this bus')
      .option('--message <name>', 'only this message: its handlers, its route, and the transports of that');
  },

  async run({ messenger, args: [bus], options, output, format }) {
    const names = messenger.buses.names();
    const all = await describeApplication(
      messenger,
      bus === undefined ? names : [knownName('bus', bus, names)],
    );
    const description = options.message === undefined ? all : onlyMessage(all, options.message, messenger);
    if (format === 'json') {
      writeJson(output, description);
    } else {
      writeDescription(output, description);
    }
    return EXIT_CODE.done;
  },
};

/** @param name a class, a message name, or a pattern such as `billing.*`. @throws InvalidUsageError if none is meant by it. */
function onlyMessage(
  description: ApplicationDescription,
  name: string,
  { registry }: MessengerServices,
): ApplicationDescription {
  const { buses, routing, transports } = description;
  const known = [...new Set([...Object.keys(routing), ...Object.values(buses).flatMap(Object.keys)])];
  const isMeant = (message: string): boolean =>
    namesClass(name, registry.typeOf(message)?.name ?? message, message);
  if (!known.some(isMeant)) {
    knownName('message', name, known);
  }
  const pick = <T>(byName: Readonly<Record<string, T>>, isWanted: (key: string) => boolean) =>
    Object.fromEntries(Object.entries(byName).filter(([key]) => isWanted(key)));
  const routes = pick(routing, isMeant);
  // With where they go when they fail.
  const used = Object.values(routes).flat();
  const failed = used.map((transport) => transports[transport]?.failureTransport);
  return {
    ...description,
    buses: Object.fromEntries(
      Object.entries(buses).map(([bus, messages]) => [bus, pick(messages, isMeant)] as const),
    ),
    routing: routes,
    transports: pick(transports, (transport) => [...used, ...failed].includes(transport)),
  };
}

function writeDescription(
  output: Output,
  { defaultBus, buses, routing, transports }: ApplicationDescription,
): void {
  for (const [bus, messages] of Object.entries(buses)) {
    output.write(`Bus "${bus}"${bus === defaultBus ? ' (default)' : ''}\n`);
    const rows = Object.entries(messages).flatMap(([message, handlers]) =>
      handlers.map((handler, index) => [index === 0 ? message : '', handler.name, conditionsOf(handler)]),
    );
    writeSection(output, ['Message', 'Handler', 'When'], rows, 'No handlers.');
  }
  output.write('Routing\n');
  const routes = Object.entries(routing).map(([message, names]) => [
    message,
    names.join(', ') || '(handled at once)',
  ]);
  writeSection(output, ['Message', 'Transports'], routes, 'No messages are known.');
  output.write('Transports\n');
  writeTransports(output, transports);
}

/** With the columns for outboxes and signatures only where there are some. */
function writeTransports(output: Output, transports: ApplicationDescription['transports']): void {
  const hasOutboxes = Object.values(transports).some(({ outbox }) => outbox !== null);
  const hasSignatures = Object.values(transports).some(({ signing }) => signing !== null);
  const rows = Object.entries(transports).map(([name, transport]) => [
    name,
    transport.dsn,
    retryOf(transport),
    transport.failureTransport ?? '-',
    ...(hasOutboxes ? [transport.outbox ?? '-'] : []),
    ...(hasSignatures ? [signingOf(transport)] : []),
  ]);
  const head = [
    'Name',
    'DSN',
    'Retries',
    'Failure transport',
    ...(hasOutboxes ? ['Outbox in'] : []),
    ...(hasSignatures ? ['Signed'] : []),
  ];
  writeSection(output, head, rows, 'No transports.');
}

function writeSection(
  output: Output,
  head: readonly string[],
  rows: readonly string[][],
  empty: string,
): void {
  if (rows.length === 0) {
    output.write(`${empty}\n`);
  } else {
    writeTable(output, { head, rows });
  }
  output.write('\n');
}

function retryOf({ retry }: DescribedTransport): string {
  if (retry === null || typeof retry === 'string') {
    return retry ?? '-';
  }
  const { maxRetries, delay, multiplier, maxDelay, jitter } = retry;
  const limit = maxDelay > 0 ? `, at most ${maxDelay} ms` : '';
  return maxRetries === 0
    ? 'none'
    : `${maxRetries} after ${delay} ms × ${multiplier}${limit}, ±${jitter * 100} %`;
}

function signingOf({ signing }: DescribedTransport): string {
  if (signing === null) {
    return '-';
  }
  return signing.required ? 'yes, and nothing else accepted' : 'yes, but others are accepted';
}
