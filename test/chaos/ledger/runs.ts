import type { HandlingRow, History, SettlementRow } from './history.js';

/** One call of a handler for one delivery of a message, and how it was settled. Times in epoch milliseconds. */
export interface Run {
  readonly id: string;
  readonly handler: string;
  readonly pid: number;
  /** Its place in the ledger. */
  readonly n: number;
  readonly startedAt: number;
  readonly attempt: number;
  /** By the transport's count, which begins anew with each attempt. */
  readonly deliveries: number;
  readonly effect: HandlingRow | undefined;
  /** The place of the next run of the same handler for the same message in the same process. */
  readonly nextN: number;
  /** When the transport was told. */
  readonly settlingAt: number | undefined;
  /** When it answered, whatever it answered. */
  readonly settledAt: number | undefined;
  /** Whether it was not acknowledged, but settled as one that had failed. */
  readonly hasFailed: boolean;
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
  const told = grouped(settlements, ({ pid, id }) => `${pid} ${id}`);
  return [...grouped(handlings, runnerOf).values()].flatMap((rows) => {
    const starts = rows.filter(({ what }) => what === 'started');
    return starts.map((start, index) => {
      const nextN = starts[index + 1]?.n ?? Number.POSITIVE_INFINITY;
      const isWithin = ({ n }: { readonly n: number }): boolean => n > start.n && n < nextN;
      const effect = rows.find((row) => row.what === 'effect' && isWithin(row));
      const toldOf = told.get(`${start.pid} ${start.id}`)?.filter(isWithin);
      const settling = toldOf?.find(({ what }) => what === 'settling');
      const settled = toldOf?.find(({ what }) => what === 'settled');
      return runOf(start, nextN, effect, settling, settled);
    });
  });
}

function runnerOf({ pid, handler, id }: HandlingRow): string {
  return `${pid} ${handler} ${id}`;
}

function grouped<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key) ?? [];
    group.push(row);
    groups.set(key, group);
  }
  return groups;
}

function runOf(
  start: HandlingRow,
  nextN: number,
  effect: HandlingRow | undefined,
  settling: SettlementRow | undefined,
  settled: SettlementRow | undefined,
): Run {
  const { id, handler, pid, n, at: startedAt, attempt, deliveries } = start;
  return {
    id,
    handler,
    pid,
    n,
    nextN,
    startedAt,
    attempt,
    deliveries,
    effect,
    settlingAt: settling?.at,
    settledAt: settled?.at,
    hasFailed: settled !== undefined && settled.how !== 'ack',
    isLost: settled?.lost ?? false,
  };
}
