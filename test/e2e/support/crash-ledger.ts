import {
  type Interruptions,
  type JobRun,
  type Outage,
  mayHaveStoredTwice,
  mayNotHaveSettled,
  runsIn,
  wasInterrupted,
} from './job-ledger.js';

/** What a producer was told about a job. */
interface Dispatched {
  readonly number: number;
  /** Milliseconds until it was told. */
  readonly took: number;
}

/** What producers and workers wrote while workers were killed and the server was restarted. */
export class CrashLedger {
  readonly runs: readonly JobRun[];
  readonly accepted: readonly Dispatched[];
  readonly refused: readonly Dispatched[];
  readonly #done: ReadonlySet<number>;
  readonly #byJob: ReadonlyMap<string, readonly JobRun[]>;
  readonly #interruptions: Interruptions;

  constructor(ledgers: ReadonlyMap<number, readonly string[]>, interruptions: Interruptions) {
    const lines = [...ledgers.values()].flat();
    this.runs = runsIn(ledgers);
    this.accepted = dispatchedIn(lines, 'accepted');
    this.refused = dispatchedIn(lines, 'refused');
    this.#done = new Set(this.runs.filter(({ isDone }) => isDone).map(numberOf));
    this.#byJob = groupedByJob(this.runs);
    this.#interruptions = interruptions;
  }

  /** The accepted jobs of which no run went through. */
  get lost(): readonly number[] {
    return this.accepted.map(({ number }) => number).filter((number) => !this.#done.has(number));
  }

  /** The runs that began before their job was due. */
  get early(): readonly JobRun[] {
    return this.runs.filter(({ isEarly }) => isEarly);
  }

  /** The runs of which the transport did not confirm that they settled their message. */
  get unsettled(): readonly JobRun[] {
    return this.runs.filter(({ settledAt }) => settledAt === undefined);
  }

  /** The unsettled runs that nothing kept from settling. */
  get unexplained(): readonly JobRun[] {
    return this.unsettled.filter((run) => !wasInterrupted(run, this.#interruptions));
  }

  /** The runs that went through although another run of the same try had, or would. */
  get duplicates(): readonly JobRun[] {
    const seen = new Set<string>();
    const done = this.runs.filter(({ isDone }) => isDone);
    return done.filter(({ job }) => seen.size === seen.add(job).size);
  }

  /** The runs that began after the same try of the same job was settled, or was settled by another run too. */
  get afterSettling(): readonly JobRun[] {
    return this.runs.filter((run) =>
      this.#byJob
        .get(run.job)
        ?.some(
          (other) =>
            other !== run &&
            other.settledAt !== undefined &&
            (run.settledAt !== undefined || run.startedAt > other.settledAt),
        ),
    );
  }

  /**
   * The tries that ran more often than interruptions explain: one cut off explains one more run of the same try, and of each later
   * one, for a copy that is stored before its original is settled may be stored twice.
   */
  get unexplainedRepeats(): readonly JobRun[] {
    return [...this.#byJob.values()].flatMap((runs) => {
      const last = runs.reduce((latest, run) => (run.startedAt > latest.startedAt ? run : latest));
      const isExcuse = (run: JobRun) =>
        run !== last && run.startedAt <= last.startedAt && this.#isCutOff(run);
      const excuses = runs.length > 1 ? this.#upTo(last).filter(isExcuse).length : 0;
      return runs.length > 1 + excuses ? runs : [];
    });
  }

  /** What there is to tell about a run of the whole test. Times in milliseconds. */
  get figures(): Readonly<Record<string, unknown>> {
    const { killedAt, outages } = this.#interruptions;
    return {
      kills: killedAt.size,
      outages: outages.map(({ from, to }) => to - from),
      backAfter: outages.map((outage) => this.#backAfter(outage)),
      accepted: this.accepted.length,
      refused: this.refused.length,
      longestDispatch: Math.max(...[...this.accepted, ...this.refused].map(({ took }) => took)),
      refusedButHandled: this.refused.filter(({ number }) => this.#done.has(number)).length,
      runs: this.runs.length,
      unsettled: this.unsettled.length,
      late: this.runs.filter(({ lateAt }) => lateAt !== undefined).length,
      duplicates: this.duplicates.length,
      repeatedAfterSettling: this.afterSettling.length,
      lost: this.lost.length,
    };
  }

  #isCutOff(run: JobRun): boolean {
    return run.settledAt === undefined
      ? wasInterrupted(run, this.#interruptions)
      : mayNotHaveSettled(run, this.#interruptions) || mayHaveStoredTwice(run, this.#interruptions);
  }

  /** The runs of the same job, of this try and of those before. */
  #upTo({ job }: JobRun): readonly JobRun[] {
    const [number = '', attempt] = job.split('/');
    const attempts = Array.from({ length: Number(attempt) }, (_, index) => index + 1);
    return attempts.flatMap((each) => this.#byJob.get(`${number}/${each}`) ?? []);
  }

  /** How long after an outage each worker that outlived it began to work again, at the most; `undefined` if none outlived it. */
  #backAfter({ from, to }: Outage): number | undefined {
    const startsOf = (pid: number) => this.runs.filter((run) => run.pid === pid).map((run) => run.startedAt);
    const pids = [...new Set(this.runs.map(({ pid }) => pid))];
    const delays = pids
      .map(startsOf)
      .filter((starts) => starts.some((at) => at < from) && starts.some((at) => at > to))
      .map((starts) => Math.min(...starts.filter((at) => at > to)) - to);
    return delays.length === 0 ? undefined : Math.max(...delays);
  }
}

function groupedByJob(runs: readonly JobRun[]): ReadonlyMap<string, readonly JobRun[]> {
  const groups = new Map<string, JobRun[]>();
  runs.forEach((run) => groups.set(run.job, [...(groups.get(run.job) ?? []), run]));
  return groups;
}

function numberOf({ job }: JobRun): number {
  return Number(job.split('/')[0]);
}

function dispatchedIn(lines: readonly string[], event: string): readonly Dispatched[] {
  return lines
    .map((line) => line.split(' '))
    .filter(([name]) => name === event)
    .map(([, number, took]) => ({ number: Number(number), took: Number(took) }));
}
