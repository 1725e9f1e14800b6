import { systemClock } from '../../../envelope/clock.js';
import { TransportError } from '../../../errors/transport.error.js';
import type { Inbox, InboxEntry } from '../../../transport/capabilities.js';
import { inboxSqlOf, type InboxSql, recordIn } from '../sql.inbox.js';
import { adaptTransaction } from '../transactions/adapt-transaction.js';
import type { ServerTable } from './server.table.js';

/**
 * The inbox beside a table of messages. The key of its table makes a second transaction that records the same wait for the end of
 * the first.
 */
export class ServerInbox implements Inbox {
  readonly #table: ServerTable;
  readonly #sql: InboxSql;

  constructor(table: ServerTable) {
    const { dialect } = table.database;
    this.#table = table;
    this.#sql = inboxSqlOf(dialect.name, dialect.inboxOf(table.name));
  }

  /** @throws TransportError when the transaction is one on another database. */
  async record(transaction: object, entry: InboxEntry): Promise<boolean> {
    const { dialect } = this.#table.database;
    await this.#table.open();
    const adapted = adaptTransaction(transaction, dialect.name);
    try {
      return await recordIn(adapted, this.#sql, entry, systemClock.now());
    } catch (error) {
      throw dialect.isMissingTable(error) ? this.#foreignTransaction(error) : error;
    }
  }

  /** What `work` gets is the driver's own connection. */
  async transaction<T>(work: (transaction: object) => Promise<T>): Promise<T> {
    const { database, transportName } = this.#table;
    await this.#table.open();
    let failure: { readonly error: unknown } | undefined;
    try {
      return await database.transactions.lend((session) =>
        session.transaction(async ({ handle }) => {
          try {
            return await work(handle);
          } catch (error) {
            failure = { error };
            throw error;
          }
        }),
      );
    } catch (error) {
      // What the handler throws is its own.
      throw failure === undefined ? database.errorOf(transportName, error) : failure.error;
    }
  }

  async prune(before: number): Promise<number> {
    const { affected } = await this.#table.run((session) => session.query(this.#sql.prune, [before]));
    return affected;
  }

  #foreignTransaction(cause: unknown): TransportError {
    const { database, name, transportName } = this.#table;
    const problem =
      `its inbox is on ${database.description}, and the transaction of the handler is where there is no table "${name}_inbox". ` +
      'Let the option "transaction" of MessengerModule open transactions on that database, or set "inbox" to a transport on the ' +
      'database of the handler.';
    return new TransportError(transportName, problem, { cause });
  }
}
