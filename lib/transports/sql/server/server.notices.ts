import type { SqlConnection } from '../transactions/sql-connection.js';

/** What a process tells the others that use a table. */
export type Notice =
  /** Something is due in a queue, now or in so many milliseconds. */
  | { readonly queue: string; readonly dueIn: number }
  /** A signal was given. */
  | { readonly signal: string };

/** Hears what other processes tell. */
export interface NoticeListener {
  onNotice(notice: Notice): void;
  /** From now on notices are heard, or no longer: what happened in between was not. */
  onChange(): void;
}

/** Carries notices between the processes that use a database. What this process tells is not told to itself. */
export interface ServerNotices {
  /** Whether notices of others arrive now. */
  readonly isHearing: boolean;
  /**
   * Begins to listen to what concerns one table.
   *
   * @param table its identity in the database.
   * @returns what ends it.
   */
  listen(table: string, listener: NoticeListener): () => void;
  /** Tells the others, soon and together with other notices. What is told while the database is out of reach is lost. */
  tell(table: string, notice: Notice): void;
  /** Tells the others once `transaction` commits. */
  tellIn(transaction: SqlConnection, table: string, notice: Notice): Promise<void>;
  /** Resolves when everything has been told that {@link tell} was called with. */
  drained(): Promise<void>;
  close(): Promise<void>;
}
