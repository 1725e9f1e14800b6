import type { SqlResult } from '../../transactions/sql-connection.js';
import { QueryingSession, type ServerSession } from '../server.pool.js';
import type { PgClient, PgNamedStatement } from './postgres.driver.js';
import { isOfServer } from './postgres.errors.js';
import { NotCommittedError } from './postgres.not-committed-error.js';
import type { StatementNames } from './postgres.statement-names.js';

/** One connection of a pool, for as long as the pool has it. */
export class PostgresLink {
  readonly session: ServerSession;
  readonly #client: PgClient;
  readonly #names: StatementNames;
  readonly #patience: number;
  #isBroken = false;

  /** @param patience milliseconds after which a server that does not answer is given up. */
  constructor(client: PgClient, names: StatementNames, patience: number) {
    this.#client = client;
    this.#names = names;
    this.#patience = patience;
    this.session = new QueryingSession(
      (sql, params) => this.#send(sql, params),
      client,
      (sql, params) => this.#sendAgain(sql, params),
    );
    // While it is lent it has no listener of its pool, and its loss would end the process.
    client.on('error', () => undefined);
  }

  /** Whether it may not be used any more: what went wrong was not said by the server. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  async #send(statement: string | PgNamedStatement, params: readonly unknown[]): Promise<SqlResult> {
    try {
      return await this.#answerTo(statement, params);
    } catch (error) {
      this.#isBroken ||= !isOfServer(error);
      throw error;
    }
  }

  async #sendAgain(sql: string, params: readonly unknown[]): Promise<SqlResult> {
    try {
      return await this.#send(this.#names.of(sql), params);
    } catch (error) {
      this.#names.failed(error);
      throw error;
    }
  }

  #answerTo(statement: string | PgNamedStatement, params: readonly unknown[]): Promise<SqlResult> {
    return new Promise((resolve, reject) => {
      const answer = this.#client.query(statement, params);
      const timer = setTimeout(
        () => reject(new Error(`it has been silent for ${this.#patience} ms`)),
        this.#patience,
      );
      answer.then(
        ({ rows, rowCount, command }) => {
          clearTimeout(timer);
          if (statement === 'COMMIT' && command === 'ROLLBACK') {
            reject(new NotCommittedError());
          } else {
            resolve({ rows, affected: rowCount ?? 0 });
          }
        },
        (error: unknown) => {
          clearTimeout(timer);
          reject(error);
        },
      );
    });
  }
}
