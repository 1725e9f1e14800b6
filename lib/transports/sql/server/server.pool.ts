import type { SqlConnection, SqlResult } from '../transactions/sql-connection.js';

/**
 * The `idleLimit` of transactions that are ours alone, in milliseconds. A server may believe for hours in a connection that is half
 * open, and whoever waits for what is locked in its transaction would wait as long.
 */
export const IDLE_LIMIT_MS = 5000;

/** One connection to a server, lent by a {@link ServerPool}. */
export interface ServerSession extends SqlConnection {
  /** The driver's own connection. */
  readonly handle: object;
  /**
   * Like `query`, for a statement that is sent again and again and whose best plan does not depend on its parameters: the server may
   * keep it, and need not understand it each time.
   */
  again(sql: string, params: readonly unknown[]): Promise<SqlResult>;
  /**
   * Runs `work` in a transaction on this connection: committed if it resolves, rolled back if it rejects. One inside another is
   * part of it.
   *
   * @param idleLimit for how many milliseconds it may be without a statement until the server ends it, and the connection.
   * @default without end, as a handler may need that works in it
   */
  transaction<T>(work: (session: ServerSession) => Promise<T>, idleLimit?: number): Promise<T>;
}

/** The connections of a process to one database. */
export interface ServerPool {
  /**
   * Lends a connection, made now if need be, until `work` has settled. One that was lost meanwhile is not used again.
   *
   * @throws the driver's own error when no connection can be made, before `work` is called; else what `work` throws.
   */
  lend<T>(work: (session: ServerSession) => Promise<T>): Promise<T>;
  /** Ends all connections, lent ones when they come back. */
  close(): Promise<void>;
}

/** A session in terms of the one thing that every driver can do. It cannot limit how long a transaction is idle. */
export class QueryingSession implements ServerSession {
  readonly query: SqlConnection['query'];
  readonly again: SqlConnection['query'];
  readonly handle: object;

  /** @param again see {@link ServerSession.again}. */
  constructor(query: SqlConnection['query'], handle: object, again = query) {
    this.query = query;
    this.handle = handle;
    this.again = again;
  }

  async transaction<T>(work: (session: ServerSession) => Promise<T>): Promise<T> {
    await this.query('BEGIN', []);
    try {
      const result = await work(joined(this));
      await this.query('COMMIT', []);
      return result;
    } catch (error) {
      await this.#rollBack();
      throw error;
    }
  }

  async #rollBack(): Promise<void> {
    try {
      await this.query('ROLLBACK', []);
    } catch {
      // The connection is lost, and the transaction with it. What went wrong is told by the first error.
    }
  }
}

/** A session in a transaction, in which there is no other. */
function joined(outer: ServerSession): ServerSession {
  const session: ServerSession = {
    query: (sql, params) => outer.query(sql, params),
    again: (sql, params) => outer.again(sql, params),
    handle: outer.handle,
    transaction: (work) => work(session),
  };
  return session;
}
