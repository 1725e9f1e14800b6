import type { HandlingRow, History, SettlementRow } from './history.js';

/** One call of a handler for one delivery of a message, and how it was settled. Times in epoch milliseconds. */
export interface Run {
  readonly id: string;
  readonly handler: string;
  readonly pid: number;
  /** Its place in the ledger. */
  readonly n: number;
  readonly startedAt: number;
  readonly effect: HandlingRow | undefined;
  /** When the transport answered, whatever it answered. */
  readonly settledAt: number | undefined;
  /** The transport answered that the message was no longer this process's. */
  readonly isLost: boolean;
}

/**
 * The runs of all handlers. What follows the start of a run in the same process, before the same handler is called for the
 * same message again, belongs to it.
 */
export function runsIn({
  handlings,
  settlements,
}: Pick<History, 'handlings' | 'settlements'>): readonly Run[] {
  const settled = settlements.filter(({ what }) => what === 'settled');
  return [...groups(handlings).values()].flatMap((rows) => {
    const starts = rows.filter(({ what }) => what === 'started');
    return starts.map((start, index) => {
      const end = starts[index + 1]?.n ?? Number.POSITIVE_INFINITY;
      const isWithin = ({ n }: { readonly n: number }): boolean => n > start.n && n < end;
      const effect = rows.find((row) => row.what === 'effect' && isWithin(row));
      const settlement = settled.find((row) => belongs(row, start) && isWithin(row));
      return runOf(start, effect, settlement);
    });
  });
}

function groups(handlings: readonly HandlingRow[]): ReadonlyMap<string, readonly HandlingRow[]> {
  const byRunner = new Map<string, HandlingRow[]>();
  for (const row of handlings) {
    const runner = `${row.pid} ${row.handler} ${row.id}`;
    byRunner.set(runner, [...(byRunner.get(runner) ?? []), row]);
  }
  return byRunner;
}

function belongs({ pid, id }: SettlementRow, start: HandlingRow): boolean {
  return pid === start.pid && id === start.id;
}

function runOf(
  start: HandlingRow,
  effect: HandlingRow | undefined,
  settlement: SettlementRow | undefined,
): Run {
  const { id, handler, pid, n, at: startedAt } = start;
  return {
    id,
    handler,
    pid,
    n,
    startedAt,
    effect,
    settledAt: settlement?.at,
    isLost: settlement?.lost ?? false,
  };
}
