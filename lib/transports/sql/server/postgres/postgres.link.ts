import type { SqlConnection, SqlResult } from '../../transactions/sql-connection.js';
import { QueryingSession, type ServerSession } from '../server.pool.js';
import type { PgClient, PgNamedStatement } from './postgres.driver.js';
import { isOfServer } from './postgres.errors.js';
import { NotCommittedError } from './postgres.not-committed-error.js';
import { NumberQuery, type SimpleParam } from './postgres.number-query.js';
import type { StatementNames } from './postgres.statement-names.js';

/** milliseconds. Until the transaction ends. */
const LIMIT_IDLE = `SELECT set_config('idle_in_transaction_session_timeout', $1, true)`;

/** What a connection to PostgreSQL can do besides. */
export class PostgresSession extends QueryingSession {
  /** Like `again`, for a statement that answers with one number, in a column called "id". */
  readonly idOf: (sql: string, params: readonly SimpleParam[]) => Promise<number>;

  constructor(
    query: SqlConnection['query'],
    handle: object,
    again: SqlConnection['query'],
    idOf: PostgresSession['idOf'],
  ) {
    super(query, handle, again);
    this.idOf = idOf;
  }

  override transaction<T>(work: (session: ServerSession) => Promise<T>, idleLimit?: number): Promise<T> {
    return super.transaction(async (transaction) => {
      if (idleLimit !== undefined) {
        await transaction.query(LIMIT_IDLE, [String(idleLimit)]);
      }
      return work(transaction);
    });
  }
}

/** One connection of a pool, for as long as the pool has it. */
export class PostgresLink {
  readonly session: PostgresSession;
  readonly #client: PgClient;
  readonly #names: StatementNames;
  readonly #patience: number;
  #isBroken = false;

  /** @param patience milliseconds after which a server that does not answer is given up. */
  constructor(client: PgClient, names: StatementNames, patience: number) {
    this.#client = client;
    this.#names = names;
    this.#patience = patience;
    this.session = new PostgresSession(
      (sql, params) => this.#send(sql, params),
      client,
      (sql, params) => this.#send(this.#names.of(sql), params),
      (sql, params) => this.#idOf(this.#names.of(sql), params),
    );
    // While it is lent it has no listener of its pool, and its loss would end the process.
    client.on('error', () => undefined);
  }

  /** Whether it may not be used any more: what went wrong was not said by the server. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  #send(statement: string | PgNamedStatement, params: readonly unknown[]): Promise<SqlResult> {
    return this.#ask((resolve, fail) => {
      this.#client.query(statement, params).then(({ rows, rowCount, command }) => {
        if (statement === 'COMMIT' && command === 'ROLLBACK') {
          fail(new NotCommittedError());
        } else {
          resolve({ rows, affected: rowCount ?? 0 });
        }
      }, fail);
    });
  }

  async #idOf(statement: string | PgNamedStatement, params: readonly SimpleParam[]): Promise<number> {
    if (typeof statement === 'string' || this.#client.connection === undefined) {
      const { rows } = await this.#send(statement, params);
      return Number(rows[0]?.['id']);
    }
    return this.#ask((resolve, fail) => {
      const query = new NumberQuery(statement, params, (error, result) =>
        result === undefined ? fail(error) : resolve(result.rows[0]),
      );
      this.#client.query(query);
    });
  }

  /** Waits for an answer, but not for ever. */
  #ask<T>(ask: (resolve: (answer: T) => void, fail: (error: unknown) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        clearTimeout(timer);
        this.#isBroken ||= !isOfServer(error);
        this.#names.failed(error);
        reject(error);
      };
      const silent = (): void => fail(new Error(`it has been silent for ${this.#patience} ms`));
      const timer = setTimeout(silent, this.#patience);
      ask((answer) => {
        clearTimeout(timer);
        resolve(answer);
      }, fail);
    });
  }
}
