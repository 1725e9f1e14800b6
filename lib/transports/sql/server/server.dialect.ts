import type { MessageCounts, RollEntry } from '../../../transport/capabilities.js';
import type { EncodedRow, MessageRow, RowClaim, RowPlace } from '../sql.rows.js';
import type { SqlConnection, SqlDialectName } from '../transactions/sql-connection.js';
import type { Finding } from '../../../transport/finding.js';
import type { ServerSession } from './server.pool.js';

/** A row on its way into a queue. */
export interface NewRow extends Omit<EncodedRow, 'delay'> {
  readonly queue: string;
  /** Milliseconds until it is due; `null` in an outbox: it is due at once, after all that its queue holds. */
  readonly delay: number | null;
}

/** A claimed row and what takes its place in the same table. */
export interface RowReplacement {
  readonly claim: RowClaim;
  readonly row: NewRow;
}

/** What is to be claimed. */
export interface ClaimRequest {
  readonly queue: string;
  readonly limit: number;
  /** The token of the claim. */
  readonly owner: string;
  /** Milliseconds. */
  readonly lease: number;
}

/** One signal and when it was given, in epoch milliseconds. */
export type GivenSignal = readonly [name: string, givenAt: number];

/** What there is to be seen in a table without claiming anything. */
export interface ServerLook {
  /** As {@link ServerRows.outlook} has it, by queue. */
  readonly outlooks: ReadonlyMap<string, number>;
  readonly signals: readonly GivenSignal[];
}

/**
 * The statements of one dialect on one table. Only the clock of the database decides what is due.
 *
 * Methods that settle answer the claims that held; they may answer equal ones instead of those that were given.
 */
export interface ServerRows {
  /** @returns the ids, in the order of `rows`. */
  insert(session: ServerSession, rows: readonly NewRow[]): Promise<readonly number[]>;
  /** The same in a transaction of the application, which may belong to any library. */
  insertInto(transaction: SqlConnection, rows: readonly NewRow[]): Promise<readonly number[]>;
  /** Claims what is due, up to 8 MiB of it, in any order. What others are claiming now is passed over. */
  claim(session: ServerSession, request: ClaimRequest): Promise<readonly MessageRow[]>;
  claimOne(session: ServerSession, id: number, request: ClaimRequest): Promise<readonly MessageRow[]>;
  /**
   * The same for an outbox: in the order in which rows were stored, what was claimed before first, and none while one of the queue
   * is claimed. Those who ask at the same time take turns.
   */
  claimExclusive(session: ServerSession, request: ClaimRequest): Promise<readonly MessageRow[]>;
  /** In how many milliseconds the first row is due or free again; 0 or less if one is; nothing if there is none. */
  outlook(session: ServerSession, queue: string): Promise<number | undefined>;
  /** The same for {@link claimExclusive}. */
  outlookExclusive(session: ServerSession, queue: string): Promise<number | undefined>;
  /** {@link outlook} for several queues, and {@link readSignals}, in one statement; if the dialect can. */
  look?(session: ServerSession, queues: readonly string[]): Promise<ServerLook>;
  remove(session: ServerSession, claims: readonly RowClaim[]): Promise<readonly RowClaim[]>;
  /** @param delay milliseconds, 0 to keep the place. */
  release(session: ServerSession, claims: readonly RowClaim[], delay: number): Promise<readonly RowClaim[]>;
  /** @param lease milliseconds. */
  prolong(session: ServerSession, claims: readonly RowClaim[], lease: number): Promise<readonly RowClaim[]>;
  replace(session: ServerSession, replacements: readonly RowReplacement[]): Promise<readonly RowClaim[]>;
  counts(session: ServerSession, queue: string): Promise<Required<MessageCounts>>;
  page(session: ServerSession, queue: string, place: RowPlace, size: number): Promise<readonly MessageRow[]>;
  find(session: ServerSession, queue: string, id: number): Promise<MessageRow | undefined>;
  writeSignal(session: ServerSession, name: string): Promise<void>;
  readSignals(session: ServerSession): Promise<readonly GivenSignal[]>;
}

/** Who has a lock, or wants it. */
export interface LockHolder {
  readonly queue: string;
  readonly key: string;
  readonly token: string;
}

/** A lock that is wanted. */
export interface LockRequest extends LockHolder {
  /** Milliseconds. */
  readonly ttl: number;
}

/** The statements of one dialect on the locks of one table. */
export interface ServerLockRows {
  /** Takes the lock, or prolongs it for the token that has it. `false`: another token has it. */
  acquire(session: ServerSession, request: LockRequest): Promise<boolean>;
  /** Does nothing if the token does not have the lock. */
  release(session: ServerSession, holder: LockHolder): Promise<void>;
}

/** What a worker says of itself. */
export interface NewRollEntry {
  readonly id: string;
  readonly details: string;
  /** Milliseconds. */
  readonly ttl: number;
}

/** The statements of one dialect on the roll of the workers on one table. */
export interface ServerRollRows {
  /** Enters a worker or replaces what it said, and removes some of those that have ended by themselves. */
  enter(session: ServerSession, entry: NewRollEntry): Promise<void>;
  leave(session: ServerSession, id: string): Promise<void>;
  entries(session: ServerSession): Promise<readonly RollEntry[]>;
}

/** The schema of one table in one dialect, step by step. */
export interface ServerSchemaSteps {
  /** The statements that lead from one version to the next; the version is the number of those that were run. */
  readonly migrations: ReadonlyArray<readonly string[]>;
  /** Makes the table of versions, unless it is there. */
  readonly createVersions: string;
  /** The statement that records the version, for a script. */
  recordVersionSql(version: number): string;
  /** The version that is recorded; 0 if none is, `'foreign'` if a table has the name that nobody recorded. */
  version(session: SqlConnection): Promise<number | 'foreign'>;
  recordVersion(session: SqlConnection, version: number): Promise<void>;
  /** Runs `work` while no other process does the same to a table of the database. */
  exclusively(session: ServerSession, work: (connection: SqlConnection) => Promise<void>): Promise<void>;
  /** The name of the table, unlike that of any other table of the database. */
  identity(session: SqlConnection): Promise<string>;
}

/**
 * What an error of a driver means for what was asked.
 *
 * `statement`: the database refuses what was sent. `conflict`: it was undone, and may be tried again. `lost`: the connection
 * ended, and nobody knows what became of what was sent. `refused`: nothing was done, and not because of what was sent.
 */
export type ServerFault = 'statement' | 'conflict' | 'lost' | 'refused';

/** What distinguishes one family of servers from another. */
export interface ServerDialect {
  readonly name: SqlDialectName;
  /** @param table as `table_name` has it. */
  rowsOf(table: string): ServerRows;
  locksOf(table: string): ServerLockRows;
  rollOf(table: string): ServerRollRows;
  /** The table of the inbox that belongs to a table of messages, quoted. */
  inboxOf(table: string): string;
  schemaOf(table: string): ServerSchemaSteps;
  /**
   * Which table a connection means by a name: a text that is the same for all connections of one running server that mean the same
   * table, and for no others; nothing if there is none. Without it, a table that is missing is all that tells.
   */
  whereabouts?(connection: SqlConnection, table: string): Promise<string | undefined>;
  /** What may lose messages: settings of the server, and how the table is kept, if it is there. */
  findings(connection: SqlConnection, table: string): Promise<readonly Finding[]>;
  faultOf(error: unknown): ServerFault;
  /** Whether a statement failed because its table does not exist. */
  isMissingTable(error: unknown): boolean;
  /** What went wrong and what to do about it, a sentence that names `server`. */
  describe(error: unknown, server: string): string;
}
