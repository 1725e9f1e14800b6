import type { FiredRow, History, Interruptions, Interval } from './history.js';
import type { Run } from './runs.js';

/** In milliseconds, tries to settle included: a run that began earlier was not in hand any more. */
const LONGEST_RUN_MS = 15_000;

/** The failpoints of a relay at which the target has messages that are in the outbox still. */
const FORWARDED = ['relay-mid-batch', 'relay-before-settle'];

/** In which a process, by its id, could do nothing. */
type Absence = Interval & { readonly pid: number };

/** What can explain that a run was not settled: what was done from outside, and by failpoints. */
export class Excuses {
  readonly #absences: readonly Absence[];
  readonly #outages: readonly Interval[];
  readonly #settlingMs: number;
  readonly #copiesFirst: boolean;
  readonly #relayFailures: readonly FiredRow[];

  constructor(history: History, interruptions: Interruptions) {
    const { killedAt = new Map<number, number>(), pauses = [], outages = [] } = interruptions;
    const kills = [...killedAt].map(([pid, from]) => ({ pid, from, to: Number.POSITIVE_INFINITY }));
    this.#absences = [...kills, ...pauses, ...absencesByFailpoints(history)];
    this.#outages = outages;
    this.#settlingMs = interruptions.settlingMs ?? 0;
    this.#copiesFirst = interruptions.copiesFirst ?? false;
    this.#relayFailures = history.fired.filter(({ point }) => FORWARDED.includes(point));
  }

  /**
   * Whether a run may be followed by another of the same message: it was not settled, or nobody can be sure of it, because
   * something interrupted it.
   */
  hasFor(run: Run): boolean {
    const overAt = run.startedAt + LONGEST_RUN_MS;
    if (run.settledAt === undefined || run.isLost) {
      return this.#meets(run.pid, { from: run.startedAt, to: Math.min(run.settledAt ?? overAt, overAt) });
    }
    const { settledAt, startedAt } = run;
    if (this.#copiesFirst && run.effect === undefined && this.#isAway({ from: startedAt, to: settledAt })) {
      return true;
    }
    // What was told to a broker that does not answer may still be on its way, or was told to a connection that was gone.
    const ms = this.#settlingMs;
    return ms > 0 && this.#meets(run.pid, { from: settledAt - ms, to: settledAt + ms });
  }

  /** How often a message may have been forwarded again, since its relay failed after the target had it. */
  forwardedAgain(id: string): number {
    return this.#relayFailures.filter(({ ids }) => ids.includes(id)).length;
  }

  #meets(pid: number, interval: Interval): boolean {
    return (
      this.#absences.some((absence) => absence.pid === pid && overlap(absence, interval)) ||
      this.#isAway(interval)
    );
  }

  #isAway(interval: Interval): boolean {
    return this.#outages.some((outage) => overlap(outage, interval));
  }
}

function overlap(one: Interval, other: Interval): boolean {
  return one.from <= other.to && one.to >= other.from;
}

/** A process that failed by a failpoint is absent until it writes the next row, if it ever does. */
function absencesByFailpoints(history: History): readonly Absence[] {
  const rows = Object.values(history).flat() as ReadonlyArray<History['fired'][number]>;
  return history.fired.map(({ pid, n, at }) => {
    const next = rows.filter((row) => row.pid === pid && row.n > n).map((row) => row.at);
    return { pid, from: at, to: Math.min(...next, Number.POSITIVE_INFINITY) };
  });
}
