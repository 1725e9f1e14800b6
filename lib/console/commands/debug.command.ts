import {
  type ApplicationDescription,
  describeApplication,
  type DescribedTransport,
} from '../application-description.js';
import type { ConsoleCommand } from '../command.js';
import { EXIT_CODE } from '../exit-code.js';
import { conditionsOf } from '../handler-conditions.js';
import { writeJson } from '../json-output.js';
import { knownName } from '../known-names.js';
import type { Output } from '../output.js';
import { writeTable } from '../table.js';

/** `debug [bus]`: which handlers a message has, where it goes, and how the transports are set. */
export const debugCommand: ConsoleCommand = {
  name: 'debug',
  summary: 'Show handlers, routing and transports',

  define(line) {
    line.argument('[bus]', 'only the handlers of this bus');
  },

  async run({ messenger, args: [bus], output, format }) {
    const names = messenger.buses.names();
    const description = await describeApplication(
      messenger,
      bus === undefined ? names : [knownName('bus', bus, names)],
    );
    if (format === 'json') {
      writeJson(output, description);
    } else {
      writeDescription(output, description);
    }
    return EXIT_CODE.done;
  },
};

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

/** With the column for outboxes only where there are some. */
function writeTransports(output: Output, transports: ApplicationDescription['transports']): void {
  const hasOutboxes = Object.values(transports).some(({ outbox }) => outbox !== null);
  const rows = Object.entries(transports).map(([name, transport]) => [
    name,
    transport.dsn,
    retryOf(transport),
    transport.failureTransport ?? '-',
    ...(hasOutboxes ? [transport.outbox ?? '-'] : []),
  ]);
  const head = ['Name', 'DSN', 'Retries', 'Failure transport', ...(hasOutboxes ? ['Outbox in'] : [])];
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
