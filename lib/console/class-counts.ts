import type { CommandContext } from './command.js';
import { writeJson } from './json-output.js';
import type { Output } from './output.js';
import { printableLine } from './printable.js';
import { writeTable } from './table.js';

/** How many messages there are of each class, in the order in which the classes were met. */
export async function countByClass(
  names: AsyncIterable<string> | Iterable<string>,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for await (const name of names) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** Writes what `--stats` shows. */
export function reportClassCounts(
  transport: string,
  counts: ReadonlyMap<string, number>,
  { output, format }: CommandContext,
): void {
  if (format === 'json') {
    writeJson(output, { transport, stats: Object.fromEntries(counts) });
  } else if (counts.size === 0) {
    output.write(`No messages in "${transport}".\n`);
  } else {
    writeClassCounts(output, counts);
  }
}

export function writeClassCounts(output: Output, counts: ReadonlyMap<string, number>): void {
  const rows = Array.from(counts, ([name, count]) => [printableLine(name), String(count)]);
  writeTable(output, { head: ['Message', 'Count'], rows });
}
