/** The message every subject carries: about 400 bytes of JSON. */
export interface BenchMessage {
  readonly orderId: number;
  readonly placedAt: Date;
  /** Milliseconds since the epoch, with fractions, on the clock of `harness/clock.mjs`. */
  readonly sentAt: number;
  readonly note: string;
}

/** The sending side of a subject. */
export interface Producer {
  /** Resolves once the message is stored. */
  send(message: BenchMessage): Promise<unknown>;
  /** Stores many at once, for filling a backlog; never measured. */
  sendAll(messages: readonly BenchMessage[]): Promise<unknown>;
  /** Stores a message to be handled after `delay` milliseconds. Needed with `roles.delayed`. */
  sendLater?(message: BenchMessage, delay: number): Promise<unknown>;
  close(): Promise<unknown>;
}

/** What a worker is given. It runs until its process ends. */
export interface WorkerContext {
  readonly address: string;
  readonly concurrency: number;
  /** The handler. Call it with the decoded message and wait for it before acknowledging. */
  readonly handle: (message: BenchMessage) => Promise<void>;
}

/** Starts a worker; may resolve at once or when the worker ends. */
export type StartWorker = (context: WorkerContext) => Promise<unknown>;

export interface Roles {
  /** In-process dispatch: resolves to the function to call for each message. */
  dispatch?(handle: (message: BenchMessage) => Promise<void>): Promise<(message: BenchMessage) => unknown>;
  produce?(address: string): Promise<Producer>;
  /** Drains a ready backlog: the workloads "consume" and "growth". */
  consume?: StartWorker;
  /** Handles messages when they are due: the workload "delayed". */
  delayed?: StartWorker;
  /** Waits for messages of another process: the workload "latency". */
  latency?: StartWorker;
  /** Waits for messages that do not come: the workload "idle". */
  idle?: StartWorker;
  /** Started from nothing with one message waiting: the workload "boot". */
  boot?: StartWorker;
}

/** One competitor. A workload leaves out the subjects that lack a role it needs. */
export interface Subject {
  readonly name: string;
  /** Name of the file in `transports/` that gives the subject its store. */
  readonly transport: string;
  readonly kind: 'floor' | 'peer' | 'own';
  /** One line: what is measured, with which settings. */
  readonly about: string;
  /** The oldest major version of Node.js it runs on. @default any */
  readonly minimumNode?: number;
  /** Takes part in these workloads only. @default all for which it has the roles */
  readonly workloads?: readonly string[];
  readonly roles: Roles;
  /** Opens a counter of the messages not yet acknowledged. Needed with `roles.consume`. */
  backlog?(address: string): Promise<() => number | Promise<number>>;
}

/** Gives each run of each subject a store of its own. */
export interface Transport {
  readonly name: string;
  open(): Promise<Store>;
}

/** Where one run of one subject keeps its messages. */
export interface Store {
  /** What the subject's roles are given: a file, a URL. */
  readonly address: string;
  close(): Promise<void>;
  /** Called when a backlog has been stored: does what the server would do in the background before long. */
  filled?(): Promise<void>;
  /** Opens another way to the store, on which statements are counted. */
  meter?(): Promise<StatementMeter>;
}

export interface StatementMeter {
  readonly address: string;
  /** Statements sent since it was opened. */
  count(): number;
  close(): Promise<void>;
}

/** The figures of one run of one subject, by metric. */
export type Figures = Record<string, number>;

export interface Column {
  readonly metric: string;
  readonly title: string;
  readonly digits?: number;
  /** Show the ratio to the best floor of the same column. */
  readonly ratio?: boolean;
  readonly better?: 'more' | 'less';
}

export interface Bench {
  readonly settings: Settings;
  /** Runs `use` with the address of a fresh, empty store. */
  withStore<T>(subject: Subject, use: (address: string, store: Store) => Promise<T>): Promise<T>;
  /** Starts a process that plays one role of a subject; see `roles/`. */
  play(subject: Subject, role: string, task: Record<string, unknown>): RoleProcess;
}

export interface RoleProcess {
  /** The clock's reading just before the process was started. */
  readonly startedAt: number;
  /** Resolves when the role says that it is ready. */
  readonly ready: Promise<unknown>;
  /** Resolves to the role's result once its process has ended. */
  readonly result: Promise<Figures>;
}

export interface Workload {
  readonly name: string;
  readonly title: string;
  /** The roles a subject must have to take part. */
  readonly needs: readonly (keyof Roles)[];
  columns(settings: Settings): readonly Column[];
  /** One run of one subject. */
  run(subject: Subject, bench: Bench): Promise<Figures>;
}

export interface Settings {
  readonly runs: number;
  /** Seconds a rate is measured for, after `warmUp` seconds. */
  readonly seconds: number;
  readonly warmUp: number;
  /** Messages of the backlog in "consume". */
  readonly backlog: number;
  readonly growth: readonly number[];
  /** Messages a worker handles before "growth" starts the clock. */
  readonly drainWarmUp: number;
  /** Seconds after which a drain is cut short and its rate taken. */
  readonly drainCap: number;
  /** Messages that "delayed" schedules. */
  readonly delayed: number;
  readonly latencySeconds: number;
  readonly idleSeconds: number;
  readonly boots: number;
}

export interface Options {
  readonly only: readonly string[];
  readonly json: string | undefined;
  readonly profile: string | undefined;
  readonly check: boolean;
  readonly help: boolean;
  readonly settings: Settings;
}

/** Medians of one workload on one transport. */
export interface Outcome {
  readonly transport: string;
  readonly workload: string;
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

export interface Row {
  readonly subject: string;
  readonly kind: Subject['kind'];
  readonly medians: Figures;
  readonly samples: readonly Figures[];
}

/** A figure this package promises. */
export interface Target {
  readonly transport: string;
  readonly workload: string;
  readonly text: string;
  /** The figure reached, or `undefined` if it was not measured. */
  measure(outcome: Outcome): number | undefined;
  readonly atLeast?: number;
  readonly below?: number;
}
