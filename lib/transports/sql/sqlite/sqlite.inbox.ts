import { TransportError } from '../../../errors/transport.error.js';
import type { Inbox, InboxEntry } from '../../../transport/capabilities.js';
import { inboxSqlOf, type InboxSql, PRUNED_AT_ONCE, recordIn } from '../sql.inbox.js';
import { adaptTransaction } from '../transactions/adapt-transaction.js';
import type { SqliteStatement } from './sqlite.driver.js';
import type { SqliteTable } from './sqlite.table.js';

/**
 * The inbox beside a table of messages. Handlers run one at a time in it: SQLite has one writer, and a transaction that has
 * recorded something is that.
 */
export class SqliteInbox implements Inbox {
  readonly #table: SqliteTable;
  readonly #transportName: string;
  readonly #sql: InboxSql;
  #prune: SqliteStatement | undefined;

  constructor(table: SqliteTable, transportName: string) {
    this.#table = table;
    this.#transportName = transportName;
    this.#sql = inboxSqlOf('sqlite', `"${table.name}_inbox"`);
  }

  /** @throws TransportError when the transaction is one on another database. */
  async record(transaction: object, entry: InboxEntry): Promise<boolean> {
    const { connection } = this.#table;
    const adapted = adaptTransaction(transaction, 'sqlite');
    try {
      return await recordIn(adapted, this.#sql, entry, connection.clock.now());
    } catch (error) {
      throw isMissingTable(error) ? this.#foreignTransaction(error) : error;
    }
  }

  async transaction<T>(work: (transaction: object) => Promise<T>): Promise<T> {
    // Outside of the transaction: the table may have to be made first.
    await this.#table.open();
    return this.#table.connection.transact(this.#transportName, work);
  }

  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    await this.#table.open();
    return this.#table.connection.lock.hold(work);
  }

  async prune(before: number): Promise<number> {
    const table = await this.#table.open();
    const { database } = await this.#table.connection.open(this.#transportName);
    const statement = (this.#prune ??= database.prepare(this.#sql.prune));
    const run = (): number => Number(statement.run(before).changes);
    return table.write({ rows: PRUNED_AT_ONCE, isOneStatement: true, run });
  }

  #foreignTransaction(cause: unknown): TransportError {
    const { name, connection } = this.#table;
    const problem =
      `its inbox is in "${connection.file}", and the transaction of the handler is on a database that has no table ` +
      `"${name}_inbox". Let the option "transaction" of MessengerModule open transactions on that file, or set "inbox" to a ` +
      'transport on the database of the handler.';
    return new TransportError(this.#transportName, problem, { cause });
  }
}

function isMissingTable(error: unknown): boolean {
  return error instanceof Error && error.message.includes('no such table');
}
