import type { Output } from './output.js';
import { printableLine } from './printable.js';

/** Rows under a heading. Cells may hold any text; what could disturb a terminal is escaped. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: ReadonlyArray<readonly string[]>;
}

const GAP = '  ';

/** Borders and wrapped cells in a terminal; aligned columns without any escape sequence in a pipe. */
export function writeTable(output: Output, { head, rows }: Table): void {
  const cells = rows.map((row) => row.map(printableLine));
  output.write(`${output.isTerminal ? bordered(head, cells, output) : aligned(head, cells)}\n`);
}

/** Names and values, the values one below the other. A value may have several lines. */
export function writeDetails(
  output: Output,
  details: ReadonlyArray<readonly [name: string, value: string]>,
): void {
  const width = Math.max(...details.map(([name]) => name.length));
  const indent = `\n${' '.repeat(width + GAP.length)}`;
  for (const [name, value] of details) {
    output.write(`${name.padEnd(width)}${GAP}${value.replaceAll('\n', indent)}`.trimEnd() + '\n');
  }
}

function aligned(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const widths = widthsOf(head, rows);
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}

function bordered(
  head: readonly string[],
  rows: ReadonlyArray<readonly string[]>,
  { columns, hasColors }: Output,
): string {
  // Loaded on first use: a worker, and a command in a pipe, never need it.
  const CliTable = require('cli-table3') as typeof import('cli-table3');
  const table = new CliTable({
    head: [...head],
    colWidths: fitted(widthsOf(head, rows), columns),
    wordWrap: true,
    wrapOnWordBoundary: false,
    style: { head: hasColors ? ['cyan'] : [], border: [], compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

function widthsOf(head: readonly string[], rows: ReadonlyArray<readonly string[]>): readonly number[] {
  return head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
}

/** Column widths, padding included; if they are wider than the terminal, the widest column gives way. */
function fitted(contents: readonly number[], columns: number): number[] {
  const widths = contents.map((width) => width + 2);
  const total = widths.reduce((sum, width) => sum + width + 1, 1);
  const widest = widths.indexOf(Math.max(...widths));
  return widths.map((width, column) =>
    column === widest ? Math.max(12, width - Math.max(0, total - columns)) : width,
  );
}
