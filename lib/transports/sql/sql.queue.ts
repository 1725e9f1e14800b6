import type { MessageCounts } from '../../transport/capabilities.js';
import type { Finding } from '../../transport/finding.js';
import type { Claim, EncodedRow, MessageRow, RowClaim, RowPlace } from './sql.rows.js';

/** A claimed row, and the message that takes its place in the queue `to` of the same database. */
export interface Replacement {
  readonly claimed: RowClaim;
  readonly row: EncodedRow;
  readonly to: SqlQueue;
}

/**
 * One queue of a table: rows in and out, without a thought of what they mean. Those methods that settle answer, for each
 * row, whether the claim still held. All throw a TransportError for whatever the database or the driver does wrong.
 */
export interface SqlQueue {
  /** Milliseconds. */
  readonly leaseDuration: number;
  /** One for all transports on this queue of the database. */
  readonly address: string;
  /** @returns the ids of the new rows. */
  insert(rows: readonly EncodedRow[]): Promise<readonly number[]>;
  /** Claims one row, due or not, unless somebody holds it. */
  claimOne(id: number): Promise<Claim>;
  /** Deletes claimed rows. */
  remove(claims: readonly RowClaim[]): Promise<readonly boolean[]>;
  /** Undoes claims: the rows keep their place, or are due in `delay` milliseconds if that is later. */
  release(claims: readonly RowClaim[], delay: number): Promise<readonly boolean[]>;
  /** Makes claims last {@link leaseDuration} from now. */
  prolong(claims: readonly RowClaim[]): Promise<readonly boolean[]>;
  /** Puts messages in the place of claimed rows, each in one atomic step. */
  replace(replacements: readonly Replacement[]): Promise<readonly boolean[]>;
}

/** Writes rows into one queue by transactions of the application. */
export interface SqlTransactionWriter {
  /**
   * @returns the ids of the new rows.
   * @throws UnknownTransactionError, UnusableTransactionError; TransportError for a transaction on another database.
   */
  insert(transaction: object, rows: readonly EncodedRow[]): Promise<readonly number[]>;
}

/** Fetches what is due from one queue, and waits for it if nothing is. */
export interface SqlConsumer {
  /** Claims up to `max` rows, as soon as there are any within `wait` milliseconds; nothing if `signal` fires before. */
  next(max: number, wait: number, signal: AbortSignal | undefined): Promise<Claim | undefined>;
}

/** Reads the rows of a queue without claiming them. */
export interface SqlPages {
  counts(): Promise<Required<MessageCounts>>;
  /** Up to `size` rows that are due after `place`, in their order, whoever holds them. */
  page(place: RowPlace, size: number): Promise<readonly MessageRow[]>;
  find(id: number): Promise<MessageRow | undefined>;
}

/** Signals to all processes that use a table, such as the one that stops its workers. */
export interface SqlSignals {
  /** Gives a signal now. */
  write(name: string): Promise<void>;
  /** When a signal was last given, in epoch milliseconds. */
  read(name: string): Promise<number | undefined>;
  /** Calls `listener` when one was given, or may have been, while somebody waits for messages; if the database can tell. */
  onSignal?(listener: () => void): () => void;
}

/** The table of a transport. */
export interface SqlTable {
  /** Connects, and says what may lose messages. Neither creates nor changes anything. */
  diagnose(): Promise<readonly Finding[]>;
  /** Creates or upgrades the table, whatever `auto_setup` says. */
  setup(): Promise<void>;
  /** The statements with which {@link setup} would make the table where there is none. */
  setupSql(): readonly string[];
  /** Resolves when the database has answered and the table is there. */
  ping(): Promise<void>;
  /** Leaves the connection once everything asked for before is done. */
  close(): Promise<void>;
}
