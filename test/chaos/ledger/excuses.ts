import type { Failpoint } from '../failpoints/failpoint.js';
import type { FiredRow, History, Interruptions, Interval } from './history.js';
import type { Run } from './runs.js';

/** In milliseconds, tries to settle included: a run that began earlier was not in hand any more. */
const LONGEST_RUN_MS = 15_000;

/** The failpoints of a relay at which the target has messages that are in the outbox still. */
const FORWARDED: readonly string[] = [
  'relay-mid-batch',
  'relay-before-settle',
] satisfies readonly Failpoint[];

/**
 * The failpoints at which a message that comes again, since something was thrown, has had its effect, or has a copy: its handler
 * is done; the copy of a message that failed is stored.
 */
const REPEATED: readonly string[] = ['after-handle', 'after-send'] satisfies readonly Failpoint[];

/** The failpoint at which leases end if it hangs. */
const LEASING: string = 'keepalive' satisfies Failpoint;

/** In which a process, by its id, could do nothing. */
type Absence = Interval & { readonly pid: number };

/** What can explain that a run was not settled: what was done from outside, and by failpoints. */
export class Excuses {
  readonly #absences: readonly Absence[];
  readonly #unleased: readonly Absence[];
  readonly #outages: readonly Interval[];
  readonly #settlingMs: number;
  readonly #copiesFirst: boolean;
  readonly #relayFailures: readonly FiredRow[];
  readonly #thrown: readonly FiredRow[];

  constructor(history: History, interruptions: Interruptions) {
    const { killedAt = new Map<number, number>(), pauses = [], outages = [] } = interruptions;
    const kills = [...killedAt].map(([pid, from]) => ({ pid, from, to: Number.POSITIVE_INFINITY }));
    const standstills = history.standstills.map(({ pid, from, at }) => ({ pid, from, to: at }));
    this.#absences = [...kills, ...pauses, ...standstills, ...absencesByFailpoints(history)];
    this.#unleased = history.fired
      .filter(({ point, action }) => point === LEASING && action === 'hang')
      .map(({ pid, at }) => ({ pid, from: at, to: Number.POSITIVE_INFINITY }));
    this.#thrown = history.fired.filter(
      ({ point, action }) => action === 'throw' && REPEATED.includes(point),
    );
    this.#outages = outages;
    this.#settlingMs = interruptions.settlingMs ?? 0;
    this.#copiesFirst = interruptions.copiesFirst ?? false;
    this.#relayFailures = history.fired.filter(({ point }) => FORWARDED.includes(point));
  }

  /** How many more effects of the same message may follow a run. */
  repeatsAfter(run: Run): number {
    const failed = this.#hasThrown(run) || this.#hasLostItsWork(run) ? 1 : 0;
    const interrupted = this.#isInterrupted(run) ? 1 : 0;
    // Where a copy and its original change places in one step, there is one of them, whatever interrupts that.
    return this.#copiesFirst ? failed + interrupted : Math.max(failed, interrupted);
  }

  /** How often a message may have been forwarded again, since its relay failed after the target had it. */
  forwardedAgain(id: string): number {
    return this.#relayFailures.filter(({ ids }) => ids.includes(id)).length;
  }

  /** Whether it failed although it had its effect, or its copy counts as not stored although it is. */
  #hasThrown({ id, pid, n, nextN }: Run): boolean {
    return this.#thrown.some((row) => row.pid === pid && row.n > n && row.n < nextN && row.ids.includes(id));
  }

  /** Whether it failed after its effect since the store went away in which an idempotent handler was to commit. */
  #hasLostItsWork({ effect, hasFailed, settledAt }: Run): boolean {
    return effect !== undefined && hasFailed && this.#isAway({ from: effect.at, to: settledAt ?? effect.at });
  }

  /** Whether it was not settled, or nobody can be sure of it, because something interrupted it. */
  #isInterrupted(run: Run): boolean {
    const overAt = run.startedAt + LONGEST_RUN_MS;
    const ms = this.#settlingMs;
    if (run.settledAt === undefined || run.isLost) {
      // One that was stopped reads what was sent to it, and begins it, before it reads that its connection is gone.
      const interval = { from: run.startedAt - ms, to: Math.min(run.settledAt ?? overAt, overAt) };
      return this.#meets(run.pid, interval) || meetsAny(this.#unleased, run.pid, interval);
    }
    const { settledAt, settlingAt = settledAt, startedAt } = run;
    if (this.#copiesFirst && run.hasFailed && this.#isAway({ from: startedAt, to: settledAt })) {
      return true;
    }
    // It was told again once its answer was lost: the first may not have arrived, and another had the message before the second did.
    if (!run.hasFailed && this.#isAway({ from: settlingAt, to: settledAt })) {
      return true;
    }
    // What was told to a broker that does not answer may still be on its way, or was told to a connection that was gone.
    return ms > 0 && this.#meets(run.pid, { from: settledAt - ms, to: settledAt + ms });
  }

  #meets(pid: number, interval: Interval): boolean {
    return meetsAny(this.#absences, pid, interval) || this.#isAway(interval);
  }

  #isAway(interval: Interval): boolean {
    return this.#outages.some((outage) => overlap(outage, interval));
  }
}

function meetsAny(absences: readonly Absence[], pid: number, interval: Interval): boolean {
  return absences.some((absence) => absence.pid === pid && overlap(absence, interval));
}

function overlap(one: Interval, other: Interval): boolean {
  return one.from <= other.to && one.to >= other.from;
}

/**
 * A process that was killed or stopped by a failpoint is absent until it writes the next row, if it ever does. One that throws, hangs
 * or takes its time there does everything else meanwhile.
 */
function absencesByFailpoints(history: History): readonly Absence[] {
  const rows = Object.values(history).flat() as ReadonlyArray<History['fired'][number]>;
  const absent = history.fired.filter(({ action }) => action === 'kill' || action === 'pause');
  return absent.map(({ pid, n, at }) => {
    const next = rows.filter((row) => row.pid === pid && row.n > n).map((row) => row.at);
    return { pid, from: at, to: Math.min(...next, Number.POSITIVE_INFINITY) };
  });
}
