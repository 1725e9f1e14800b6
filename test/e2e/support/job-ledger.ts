/** One run of the handler for one try of a job. Times in epoch milliseconds. */
export interface JobRun {
  /** Number and attempt. */
  readonly job: string;
  readonly pid: number;
  readonly startedAt: number;
  /** It began before the job was due. */
  readonly isEarly: boolean;
  /** It went through. */
  readonly isDone: boolean;
  /** When the transport confirmed that the message is settled. */
  readonly settledAt: number | undefined;
  /** When the transport said that the message was no longer this worker's. */
  readonly lateAt: number | undefined;
}

/** A time in which the server was away, in epoch milliseconds. */
export interface Outage {
  readonly from: number;
  readonly to: number;
}

/** What was done to the workers and to the server. */
export interface Interruptions {
  /** When each process was killed, by its id, in epoch milliseconds. */
  readonly killedAt: ReadonlyMap<number, number>;
  readonly outages: readonly Outage[];
  /**
   * How long a settlement may still be on its way to a server that does not answer it, in milliseconds after the transport
   * confirmed it. @default 0
   */
  readonly settlingMs?: number;
}

/** What the handlers of all processes wrote, by the ids of the processes. For the format see `JobRuns`. */
export function runsIn(ledgers: ReadonlyMap<number, readonly string[]>): readonly JobRun[] {
  return [...ledgers].flatMap(([pid, lines]) => {
    const runs = new Map<string, Map<string, number>>();
    for (const line of lines) {
      const [event = '', job = '', run, at] = line.split(' ');
      if (run !== undefined && at !== undefined) {
        const key = `${job} ${run}`;
        runs.set(key, (runs.get(key) ?? new Map<string, number>()).set(event, Number(at)));
      }
    }
    return [...runs].map(([key, events]) => runOf(key.split(' ')[0] ?? '', pid, events));
  });
}

/** In milliseconds, tries to settle included: what began earlier was not in hand any more. */
const LONGEST_RUN_MS = 5000;

/** Whether a run had no chance to settle: its worker was killed, or the server was away meanwhile. */
export function wasInterrupted(run: JobRun, { killedAt, outages }: Interruptions): boolean {
  const overAt = run.startedAt + LONGEST_RUN_MS;
  const killed = killedAt.get(run.pid) ?? Number.POSITIVE_INFINITY;
  const isKilled = run.lateAt === undefined && killed <= overAt;
  const endedAt = Math.min(run.lateAt ?? overAt, killed);
  return isKilled || outages.some(({ from, to }) => run.startedAt <= to && endedAt >= from);
}

/** Whether a run failed while the server went away: what it stored for the next try may be there twice. */
export function mayHaveStoredTwice(
  { isDone, startedAt, settledAt }: JobRun,
  { outages }: Interruptions,
): boolean {
  return !isDone && outages.some(({ from, to }) => startedAt <= to && (settledAt ?? 0) >= from);
}

/** Whether the server may not know of a run that the transport took for settled: see {@link Interruptions.settlingMs}. */
export function mayNotHaveSettled({ pid, settledAt }: JobRun, interruptions: Interruptions): boolean {
  const { killedAt, outages, settlingMs = 0 } = interruptions;
  if (settledAt === undefined || settlingMs === 0) {
    return false;
  }
  const overAt = settledAt + settlingMs;
  const isKilled = (killedAt.get(pid) ?? Number.POSITIVE_INFINITY) <= overAt;
  return isKilled || outages.some(({ from, to }) => settledAt <= to && overAt >= from);
}

function runOf(job: string, pid: number, events: ReadonlyMap<string, number>): JobRun {
  return {
    job,
    pid,
    startedAt: events.get('started') ?? 0,
    isEarly: events.has('early'),
    isDone: events.has('done'),
    settledAt: events.get('settled'),
    lateAt: events.get('late'),
  };
}
