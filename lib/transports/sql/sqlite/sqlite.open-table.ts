import { TransportError } from '../../../errors/transport.error.js';
import { toTransportError } from './sqlite.errors.js';
import type { SqliteFileLock } from './sqlite.file-lock.js';
import type { SqliteSession } from './sqlite.session.js';
import { MAX_ROWS, type SqliteStatements } from './sqlite.statements.js';
import type { WriteOperation } from './sqlite.transactions.js';

/** A table that can be read and written. What the driver throws becomes a TransportError that names the transport. */
export class OpenSqliteTable {
  readonly statements: SqliteStatements;
  readonly #session: SqliteSession;
  readonly #lock: SqliteFileLock;
  readonly #transportName: string;
  readonly #toTransportError: (error: unknown) => Error;

  constructor(
    session: SqliteSession,
    statements: SqliteStatements,
    transportName: string,
    { file, lock }: { readonly file: string; readonly lock: SqliteFileLock },
  ) {
    this.#session = session;
    this.#lock = lock;
    this.#transportName = transportName;
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
    assertNotWithin(this.#lock, this.#transportName);
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

/**
 * Checks that the caller is not part of a transaction that holds the file, which it would wait for.
 *
 * @throws TransportError
 */
export function assertNotWithin(lock: SqliteFileLock, transportName: string): void {
  if (lock.isHeldByCaller) {
    throw new TransportError(
      transportName,
      'it was written to from within the transaction of an idempotent handler on the same file, and SQLite has one writer. ' +
        'Dispatch with a DispatchAfterCurrentBusStamp, which sends after the commit, or route the message to a transport on ' +
        'another file.',
    );
  }
}
