import type { SqlResult } from '../../transactions/sql-connection.js';
import { QueryingSession, type ServerPool, type ServerSession } from '../server.pool.js';
import type { PostgresConnections } from './postgres.connections.js';
import type { PgClient, PgNamedStatement, PgPooledClient } from './postgres.driver.js';
import { isOfServer } from './postgres.errors.js';
import { StatementNames } from './postgres.statement-names.js';
import { NotCommittedError } from './postgres.not-committed-error.js';

/** Lends connections to PostgreSQL. */
export class PostgresPool implements ServerPool {
  readonly #connections: PostgresConnections;
  readonly #patience: number;
  readonly #heard = new WeakSet<PgClient>();
  readonly #names = new StatementNames();

  /** @param patience milliseconds after which a server that does not answer is given up. */
  constructor(connections: PostgresConnections, patience: number) {
    this.#connections = connections;
    this.#patience = patience;
  }

  async lend<T>(work: (session: ServerSession) => Promise<T>): Promise<T> {
    const client = await this.#connections.pool.connect();
    this.#hearErrors(client);
    let isBroken = false;
    const send = async (
      statement: string | PgNamedStatement,
      params: readonly unknown[],
    ): Promise<SqlResult> => {
      try {
        return await this.#query(client, statement, params);
      } catch (error) {
        isBroken ||= !isOfServer(error);
        throw error;
      }
    };
    const again = async (sql: string, params: readonly unknown[]): Promise<SqlResult> => {
      try {
        return await send(this.#names.of(sql), params);
      } catch (error) {
        this.#names.failed(error);
        throw error;
      }
    };
    try {
      return await work(new QueryingSession(send, client, again));
    } finally {
      client.release(isBroken);
    }
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  async #query(
    client: PgPooledClient,
    statement: string | PgNamedStatement,
    params: readonly unknown[],
  ): Promise<SqlResult> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`it has been silent for ${this.#patience} ms`)),
        this.#patience,
      );
    });
    try {
      const { rows, rowCount, command } = await Promise.race([client.query(statement, params), silence]);
      if (statement === 'COMMIT' && command === 'ROLLBACK') {
        throw new NotCommittedError();
      }
      return { rows, affected: rowCount ?? 0 };
    } finally {
      clearTimeout(timer);
    }
  }

  /** A client that is lent has no listener of its pool, and the loss of its connection would end the process. */
  #hearErrors(client: PgClient): void {
    if (!this.#heard.has(client)) {
      this.#heard.add(client);
      client.on('error', () => undefined);
    }
  }
}
