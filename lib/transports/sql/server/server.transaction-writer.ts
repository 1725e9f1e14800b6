import { MessengerError } from '../../../errors/messenger.error.js';
import { TransportError } from '../../../errors/transport.error.js';
import type { SqlTransactionWriter } from '../sql.queue.js';
import type { EncodedRow } from '../sql.rows.js';
import { adaptTransaction } from '../transactions/adapt-transaction.js';
import type { ServerQueue } from './server.queue.js';
import type { ServerTable } from './server.table.js';

/** Writes rows by a transaction of the application. Consumers learn of them when it commits. */
export class ServerTransactionWriter implements SqlTransactionWriter {
  readonly #table: ServerTable;
  readonly #queue: ServerQueue;

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
      return await this.#queue.insertInto(connection, rows);
    } catch (error) {
      throw this.#errorOf(error);
    }
  }

  #errorOf(error: unknown): Error {
    const { database, name, transportName } = this.#table;
    if (error instanceof MessengerError) {
      return error;
    }
    const problem = database.dialect.isMissingTable(error)
      ? `the transaction is not on ${database.description}, where the messages are kept: it sees no table "${name}". Give both the ` +
        'same database and schema, or set "table_name" to "schema.table".'
      : 'the transaction could not take a message. See the cause.';
    return new TransportError(transportName, problem, { cause: error });
  }
}
