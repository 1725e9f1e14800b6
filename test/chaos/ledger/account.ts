import type { History } from './history.js';
import type { Verdicts } from './verdicts.js';

/** All that the ledger says of the messages at fault, and when processes stood still; a row a line in the order in which they were written: what to look at first. */
export function accountOf(history: History, verdicts: Verdicts): string {
  const ids = new Set(Object.values(verdicts).flatMap((faults) => faults.map(idOf)));
  return Object.values(history)
    .flat()
    .filter(
      (row) =>
        'from' in row || ids.has(idOf(row)) || ('ids' in row && row.ids.some((id: string) => ids.has(id))),
    )
    .toSorted((a, b) => a.n - b.n)
    .map((row) => JSON.stringify(row))
    .join('\n');
}

function idOf(row: unknown): string {
  return typeof row === 'object' && row !== null && 'id' in row ? String(row.id) : String(row);
}
