import { toTransportError } from './sqlite.errors.js';
import type { SqliteSession } from './sqlite.session.js';
import { MAX_ROWS, type SqliteStatements } from './sqlite.statements.js';
import type { WriteOperation } from './sqlite.transactions.js';

/** A table that can be read and written. What the driver throws becomes a TransportError that names the transport. */
export class OpenSqliteTable {
  readonly statements: SqliteStatements;
  readonly #session: SqliteSession;
  readonly #toTransportError: (error: unknown) => Error;

  constructor(session: SqliteSession, statements: SqliteStatements, transportName: string, file: string) {
    this.#session = session;
    this.statements = statements;
    this.#toTransportError = (error) => toTransportError(transportName, file, error);
  }

  /** Not a promise, so that a caller who then waits cannot miss what happens in between. */
  read<Row>(query: (statements: SqliteStatements) => unknown): Row {
    try {
      return query(this.statements) as Row;
    } catch (error) {
      throw this.#toTransportError(error);
    }
  }

  /** Makes one change, in a transaction it may share with others. */
  async write<Result>(operation: WriteOperation<Result>): Promise<Result> {
    try {
      return await this.#session.write(operation);
    } catch (error) {
      throw this.#toTransportError(error);
    }
  }

  /**
   * Makes a change to each item, in transactions of at most {@link MAX_ROWS} items.
   *
   * @param statementsEach how many statements one change consists of.
   */
  async writeEach<Item, Result>(
    items: readonly Item[],
    change: (item: Item) => Result,
    statementsEach = 1,
  ): Promise<readonly Result[]> {
    if (items.length > MAX_ROWS) {
      const [head, rest] = await Promise.all([
        this.writeEach(items.slice(0, MAX_ROWS), change, statementsEach),
        this.writeEach(items.slice(MAX_ROWS), change, statementsEach),
      ]);
      return [...head, ...rest];
    }
    const isOneStatement = items.length * statementsEach === 1;
    return this.write({ rows: items.length, isOneStatement, run: () => items.map(change) });
  }
}
