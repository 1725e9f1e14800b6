import { floorOf } from './floors.mjs';

/**
 * A workload's medians as aligned plain text.
 *
 * @param {import('../types.d.ts').Outcome} outcome
 */
export function renderTable(outcome) {
  const header = ['subject', ...outcome.columns.flatMap(titles)];
  const rows = outcome.rows.map((row) => [
    row.subject,
    ...outcome.columns.flatMap((column) => cells(outcome, row, column)),
  ]);
  return `${outcome.transport}: ${outcome.title}\n\n${align([header, ...rows])}\n`;
}

function titles({ title, ratio }) {
  return ratio ? [title, 'x floor'] : [title];
}

function cells(outcome, { medians }, { metric, digits = 0, ratio }) {
  const value = medians[metric];
  const text = value === undefined ? '-' : value.toFixed(digits);
  if (!ratio) return [text];
  const floor = floorOf(outcome, metric);
  return [text, value === undefined || floor === undefined ? '-' : (value / floor).toFixed(2)];
}

/** The first column to the left, figures to the right. */
function align(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const pad = (cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]));
  return lines.map((line) => `  ${line.map(pad).join('  ')}`).join('\n');
}
