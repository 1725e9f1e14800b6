import { MessengerError } from '../../../errors/messenger.error.js';
import { TransportError } from '../../../errors/transport.error.js';
import type { SqlTransactionWriter } from '../sql.queue.js';
import type { EncodedRow } from '../sql.rows.js';
import { adaptTransaction } from '../transactions/adapt-transaction.js';
import type { SqlConnection } from '../transactions/sql-connection.js';
import type { ServerQueue } from './server.queue.js';
import type { ServerTable } from './server.table.js';

/** Writes rows by a transaction of the application. Consumers learn of them when it commits. */
export class ServerTransactionWriter implements SqlTransactionWriter {
  readonly #table: ServerTable;
  readonly #queue: ServerQueue;
  /** Transactions that are known to be on the table. */
  readonly #here = new WeakSet<object>();
  /** Where the table was when that was last asked. */
  #place: string | undefined;

  constructor(table: ServerTable, queue: ServerQueue) {
    this.#table = table;
    this.#queue = queue;
  }

  async insert(transaction: object, rows: readonly EncodedRow[]): Promise<readonly number[]> {
    const { dialect } = this.#table.database;
    const connection = adaptTransaction(transaction, dialect.name);
    // On a connection of our own: to make a table is not the business of a transaction of the application.
    await this.#table.open();
    try {
      if (!this.#here.has(transaction)) {
        await this.#assertHere(connection);
        this.#here.add(transaction);
      }
      return await this.#queue.insertInto(connection, rows);
    } catch (error) {
      throw this.#errorOf(error);
    }
  }

  /** Looks where the transaction would store before it does: a table of the same name may be elsewhere, and nobody would read it. */
  async #assertHere(connection: SqlConnection): Promise<void> {
    const { database, name } = this.#table;
    const { dialect } = database;
    if (dialect.whereabouts === undefined) {
      return;
    }
    const there = await dialect.whereabouts(connection, name);
    if (there !== undefined && there === this.#place) {
      return;
    }
    // The server may have been started again since the last look.
    this.#place = await this.#table.run(async (session) => dialect.whereabouts?.(session, name));
    if (there !== this.#place) {
      throw this.#foreign(there === undefined ? 'sees no table' : 'means another table by');
    }
  }

  #errorOf(error: unknown): Error {
    if (error instanceof MessengerError) {
      return error;
    }
    const { database, transportName } = this.#table;
    return database.dialect.isMissingTable(error)
      ? this.#foreign('sees no table', { cause: error })
      : new TransportError(transportName, 'the transaction could not take a message. See the cause.', {
          cause: error,
        });
  }

  #foreign(what: string, options?: ErrorOptions): TransportError {
    const { database, name, transportName } = this.#table;
    const problem =
      `the transaction is not on ${database.description}, where the messages are kept: it ${what} "${name}". Give both the same ` +
      'database and schema, or set "table_name" to "schema.table".';
    return new TransportError(transportName, problem, options);
  }
}
