import { quoted } from '../../errors/quoted.js';
import { summarizeError } from '../../failure/flatten-error.js';
import { isMessageCountAware, type MessageCounts } from '../../transport/capabilities.js';
import type { Receiver, Sender } from '../../transport/transport.js';
import type { CommandContext, ConsoleCommand } from '../command.js';
import { durationText } from '../duration-text.js';
import { EXIT_CODE } from '../exit-code.js';
import { writeJson } from '../json-output.js';
import { knownName } from '../known-names.js';
import { printable } from '../printable.js';
import { writeTable } from '../table.js';

/** Something whose messages are counted. */
interface Countable {
  readonly name: string;
  readonly holder: Sender | Receiver;
  /** The transport that keeps the outbox of `name`, if it is the outbox that is counted. */
  readonly storeName?: string;
}

/** What came of counting one. */
type Count = Countable &
  ({ readonly counts: MessageCounts } | { readonly error: string } | { readonly isUncountable: true });

/** `stats [names…]`: how many messages there are. */
export const statsCommand: ConsoleCommand = {
  name: 'stats',
  summary: 'Count the messages in the transports, and tell how long they have been waiting',

  define(line) {
    line.argument('[names...]', 'only these transports');
  },

  async run(context) {
    const { transports, outboxes } = context.messenger;
    const given = context.args.map((name) => knownName('transport', name, transports.names()));
    const names = given.length === 0 ? transports.names() : given;
    const countables = names.flatMap((name): readonly Countable[] => {
      const outbox = outboxes.of(name);
      const transport = { name, holder: transports.get(name) };
      return outbox === undefined
        ? [transport]
        : [transport, { name, holder: outbox.queue, storeName: outbox.storeName }];
    });
    const all: Count[] = [];
    for (const countable of countables) {
      all.push(await count(countable));
    }
    (context.format === 'json' ? writeAsJson : writeAsText)(all, context);
    return all.some((each) => 'error' in each) ? EXIT_CODE.failed : EXIT_CODE.done;
  },
};

async function count(countable: Countable): Promise<Count> {
  const { holder } = countable;
  if (!isMessageCountAware(holder)) {
    return { ...countable, isUncountable: true };
  }
  try {
    return { ...countable, counts: await holder.messageCount() };
  } catch (error) {
    return { ...countable, error: summarizeError(error).message };
  }
}

function titleOf({ name, storeName }: Countable): string {
  return storeName === undefined ? name : `${name} (outbox in ${storeName})`;
}

function writeAsJson(all: readonly Count[], { output }: CommandContext): void {
  const outboxes = all.filter(({ storeName }) => storeName !== undefined);
  const errors = all.flatMap((each) => ('error' in each ? [[titleOf(each), each.error] as const] : []));
  writeJson(output, {
    transports: countsByName(all.filter(({ storeName }) => storeName === undefined)),
    ...(outboxes.length > 0 && { outboxes: countsByName(outboxes) }),
    uncountable_transports: all.filter((each) => 'isUncountable' in each).map(titleOf),
    ...(errors.length > 0 && { errors: Object.fromEntries(errors) }),
  });
}

function countsByName(all: readonly Count[]): Record<string, unknown> {
  return Object.fromEntries(
    all.flatMap((each) => {
      if (!('counts' in each)) {
        return [];
      }
      const { ready, inFlight = null, delayed = null, oldestAge = null } = each.counts;
      const store = each.storeName === undefined ? {} : { store: each.storeName };
      return [[each.name, { ...store, ready, inFlight, delayed, oldestAge }] as const];
    }),
  );
}

/** How long the oldest of the ready ones has been so. */
function ageText(ready: number, oldestAge: number | undefined): string {
  return ready === 0 ? '-' : oldestAge === undefined ? '?' : durationText(oldestAge);
}

function writeAsText(all: readonly Count[], { output }: CommandContext): void {
  const cell = (value: number | undefined): string => (value === undefined ? '?' : String(value));
  const counted = all.flatMap((each) => ('counts' in each ? [{ each, ...each.counts }] : []));
  if (counted.length > 0) {
    writeTable(output, {
      head: ['Transport', 'Ready', 'In flight', 'Delayed', 'Oldest'],
      rows: counted.map(({ each, ready, inFlight, delayed, oldestAge }) => [
        titleOf(each),
        cell(ready),
        cell(inFlight),
        cell(delayed),
        ageText(ready, oldestAge),
      ]),
    });
  }
  if (counted.some(({ inFlight = 0 }) => inFlight > 0)) {
    output.write(
      'In flight: in the hands of a worker. Those of a worker that was killed return when their lease ends.\n',
    );
  }
  const uncountable = all.filter((each) => 'isUncountable' in each).map(titleOf);
  if (uncountable.length > 0) {
    output.write(`Cannot count: ${quoted(uncountable)}.\n`);
  }
  for (const each of all) {
    if ('error' in each) {
      output.writeError(`Could not count "${titleOf(each)}". ${printable(each.error)}\n`);
    }
  }
}
