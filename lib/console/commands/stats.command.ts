import { quoted } from '../../errors/quoted.js';
import { summarizeError } from '../../failure/flatten-error.js';
import { isMessageCountAware, type MessageCounts } from '../../transport/capabilities.js';
import type { TransportRegistry } from '../../transport/transport-registry.js';
import type { CommandContext, ConsoleCommand } from '../command.js';
import { EXIT_CODE } from '../exit-code.js';
import { writeJson } from '../json-output.js';
import { knownName } from '../known-names.js';
import { printable } from '../printable.js';
import { writeTable } from '../table.js';

/** The counts of several transports. */
interface Stats {
  readonly counts: ReadonlyMap<string, MessageCounts>;
  /** Transports that cannot count. */
  readonly uncountable: readonly string[];
  /** Why a transport could not be asked, by its name. */
  readonly errors: ReadonlyMap<string, string>;
}

/** `stats [names…]`: how many messages there are. */
export const statsCommand: ConsoleCommand = {
  name: 'stats',
  summary: 'Count the messages in the transports',

  define(line) {
    line.argument('[names...]', 'only these transports');
  },

  async run(context) {
    const { transports } = context.messenger;
    const names = context.args.map((name) => knownName('transport', name, transports.names()));
    const stats = await count(names.length === 0 ? transports.names() : names, transports);
    (context.format === 'json' ? writeAsJson : writeAsText)(stats, context);
    return stats.errors.size === 0 ? EXIT_CODE.done : EXIT_CODE.failed;
  },
};

async function count(names: readonly string[], transports: TransportRegistry): Promise<Stats> {
  const counts = new Map<string, MessageCounts>();
  const errors = new Map<string, string>();
  const uncountable: string[] = [];
  for (const name of names) {
    const transport = transports.get(name);
    if (!isMessageCountAware(transport)) {
      uncountable.push(name);
      continue;
    }
    try {
      counts.set(name, await transport.messageCount());
    } catch (error) {
      errors.set(name, summarizeError(error).message);
    }
  }
  return { counts, uncountable, errors };
}

function writeAsJson({ counts, uncountable, errors }: Stats, { output }: CommandContext): void {
  const shown = Array.from(counts, ([name, { ready, inFlight = null, delayed = null }]) => [
    name,
    { ready, inFlight, delayed },
  ]);
  writeJson(output, {
    transports: Object.fromEntries(shown) as Record<string, unknown>,
    uncountable_transports: uncountable,
    ...(errors.size > 0 && { errors: Object.fromEntries(errors) as Record<string, string> }),
  });
}

function writeAsText({ counts, uncountable, errors }: Stats, { output }: CommandContext): void {
  const cell = (value: number | undefined): string => (value === undefined ? '?' : String(value));
  if (counts.size > 0) {
    writeTable(output, {
      head: ['Transport', 'Ready', 'In flight', 'Delayed'],
      rows: Array.from(counts, ([name, { ready, inFlight, delayed }]) => [
        name,
        cell(ready),
        cell(inFlight),
        cell(delayed),
      ]),
    });
  }
  if ([...counts.values()].some(({ inFlight = 0 }) => inFlight > 0)) {
    output.write(
      'In flight: in the hands of a worker. Those of a worker that was killed return when their lease ends.\n',
    );
  }
  if (uncountable.length > 0) {
    output.write(`Cannot count: ${quoted(uncountable)}.\n`);
  }
  errors.forEach((error, name) => output.writeError(`Could not count "${name}". ${printable(error)}\n`));
}
