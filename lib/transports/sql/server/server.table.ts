import { setTimeout as sleep } from 'node:timers/promises';
import { TransportError } from '../../../errors/transport.error.js';
import type { Finding } from '../../../transport/finding.js';
import type { SqlTable } from '../sql.queue.js';
import type { ServerDatabase } from './server.database.js';
import type { ServerFault, ServerLockRows, ServerRollRows, ServerRows } from './server.dialect.js';
import type { ServerSession } from './server.pool.js';
import type { SqlConnection } from '../transactions/sql-connection.js';
import type { Notice } from './server.notices.js';
import { ServerSchema } from './server.schema.js';
import type { SharedTable } from './server.shared-table.js';

/** What came of something that was tried. */
export type Attempt<T> =
  { readonly value: T } | { readonly fault: ServerFault; readonly error: TransportError | Error };

/** How often what was undone because of a conflict is tried again, and after how many milliseconds, give or take. */
const CONFLICT_PAUSES_MS = [5, 20, 80, 320];

/** The options of a transport that concern its table. */
export interface ServerTableOptions {
  readonly tableName: string;
  readonly autoSetup: boolean;
}

/** The table of a transport: found, and created or upgraded, on first use. */
export class ServerTable implements SqlTable {
  readonly database: ServerDatabase;
  /** As it is configured. */
  readonly name: string;
  readonly transportName: string;
  readonly rows: ServerRows;
  readonly locks: ServerLockRows;
  readonly roll: ServerRollRows;
  /** What it shares with other transports on the same table. */
  readonly shared: SharedTable;
  readonly #autoSetup: boolean;
  readonly #schema: ServerSchema;
  readonly #running = new Set<Promise<unknown>>();
  #identity: string | undefined;
  #stopListening: (() => void) | undefined;
  #opening: Promise<string> | undefined;
  #closed = false;

  constructor(database: ServerDatabase, transportName: string, { tableName, autoSetup }: ServerTableOptions) {
    this.database = database;
    this.name = tableName;
    this.transportName = transportName;
    this.rows = database.dialect.rowsOf(tableName);
    this.locks = database.dialect.locksOf(tableName);
    this.roll = database.dialect.rollOf(tableName);
    this.shared = database.sharedTable(tableName);
    this.#autoSetup = autoSetup;
    this.#schema = new ServerSchema(database.dialect.schemaOf(tableName), tableName, transportName);
    database.join(this);
  }

  /**
   * Opens the table if it is not open yet, and resolves with what its database calls it.
   *
   * @throws TransportError when it cannot be opened, or was closed.
   */
  async open(): Promise<string> {
    if (this.#closed) {
      throw new TransportError(this.transportName, 'it is closed.');
    }
    if (this.#identity !== undefined) {
      return this.#identity;
    }
    this.#opening ??= this.#run((session) => this.#open(session));
    try {
      this.#identity = await this.#opening;
      return this.#identity;
    } finally {
      this.#opening = undefined;
    }
  }

  /**
   * Does something with the open table on one connection; again, if a conflict with others has undone it.
   *
   * @throws TransportError
   */
  async run<T>(work: (session: ServerSession, rows: ServerRows) => Promise<T>): Promise<T> {
    await this.open();
    return this.#run((session) => work(session, this.rows));
  }

  /** Like {@link run}, but never rejects. */
  async attempt<T>(work: (session: ServerSession, rows: ServerRows) => Promise<T>): Promise<Attempt<T>> {
    if (this.#identity === undefined || this.#closed) {
      try {
        await this.open();
      } catch (error) {
        return { fault: 'refused', error: error as Error };
      }
    }
    return await this.#tracked(this.#attempt((session) => work(session, this.rows)));
  }

  /** Whether what other processes tell arrives now. */
  get isHearing(): boolean {
    return this.#stopListening !== undefined && this.database.notices?.isHearing === true;
  }

  /** Begins to hear what other processes tell of the open table. Does nothing if it does already. */
  listen(): void {
    const identity = this.#identity;
    if (identity === undefined || this.#stopListening !== undefined || this.#closed) {
      return;
    }
    const { notices, arrivals } = this.database;
    this.#stopListening = notices?.listen(identity, {
      onNotice: (notice) =>
        'signal' in notice
          ? this.shared.signals.heard()
          : arrivals.expect(`${identity}/${notice.queue}`, notice.dueIn),
      onChange: () => {
        this.shared.signals.heard();
        arrivals.announceAll();
      },
    });
  }

  /** Says in this process and to others that there is something in a queue, in `dueIn` milliseconds. */
  announce(queue: string, dueIn: number): void {
    this.database.arrivals.expect(`${this.#identity}/${queue}`, dueIn);
    this.tell({ queue, dueIn });
  }

  /** Tells other processes. */
  tell(notice: Notice): void {
    if (this.#identity !== undefined) {
      this.database.notices?.tell(this.#identity, notice);
    }
  }

  /** Tells other processes once `transaction` commits. */
  async tellIn(transaction: SqlConnection, notice: Notice): Promise<void> {
    await this.database.notices?.tellIn(transaction, await this.open(), notice);
  }

  async diagnose(): Promise<readonly Finding[]> {
    return this.#run((session) => this.database.dialect.findings(session, this.name));
  }

  async setup(): Promise<void> {
    await this.#run((session) => this.#schema.migrate(session));
  }

  setupSql(): readonly string[] {
    return this.#schema.script;
  }

  async ping(): Promise<void> {
    await this.run((session) => session.query('SELECT 1', []));
  }

  async close(): Promise<void> {
    // Calls that were made in this turn get to begin first.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#running.size > 0) {
      await Promise.allSettled(this.#running);
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#closed = true;
    this.#stopListening?.();
    await this.database.leave(this);
  }

  async #open(session: ServerSession): Promise<string> {
    await (this.#autoSetup ? this.#schema.migrate(session) : this.#schema.verify(session));
    return this.database.dialect.schemaOf(this.name).identity(session);
  }

  async #run<T>(work: (session: ServerSession) => Promise<T>): Promise<T> {
    const attempt = await this.#tracked(this.#attempt(work));
    if ('error' in attempt) {
      throw attempt.error;
    }
    return attempt.value;
  }

  /** Never rejects. */
  async #attempt<T>(work: (session: ServerSession) => Promise<T>): Promise<Attempt<T>> {
    const { pool, dialect } = this.database;
    for (let attempt = 0; ; attempt++) {
      let isLent = false;
      try {
        const value = await pool.lend((session) => {
          isLent = true;
          return work(session);
        });
        return { value };
      } catch (thrown) {
        const fault = isLent ? dialect.faultOf(thrown) : 'refused';
        const pause = CONFLICT_PAUSES_MS[attempt];
        if (fault !== 'conflict' || pause === undefined) {
          return { fault, error: this.database.errorOf(this.transportName, thrown) };
        }
        await sleep(pause * (0.5 + Math.random()));
      }
    }
  }

  /** @param promise must not reject. */
  #tracked<T>(promise: Promise<T>): Promise<T> {
    this.#running.add(promise);
    void promise.then(() => this.#running.delete(promise));
    return promise;
  }
}
