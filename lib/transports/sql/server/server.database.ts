import { MessengerError } from '../../../errors/messenger.error.js';
import { TransportError } from '../../../errors/transport.error.js';
import type { SqlPlace } from '../sql.transport.js';
import { ServerArrivals } from './server.arrivals.js';
import type { ServerDialect } from './server.dialect.js';
import type { ServerNotices } from './server.notices.js';
import type { ServerPool } from './server.pool.js';
import { SharedTable } from './server.shared-table.js';

/** What a {@link ServerDatabase} is made of. */
export interface ServerDatabaseSetup {
  readonly dialect: ServerDialect;
  readonly pool: ServerPool;
  /** For transactions of handlers, which last: others would wait for them. @default `pool` */
  readonly transactions?: ServerPool;
  /** Where, without secrets. */
  readonly description: string;
  /** The same for every process that uses the database in this way, and for no other database. Without secrets. */
  readonly location: string;
  /** How other processes learn of messages; without it they poll. */
  readonly notices: ServerNotices | undefined;
  /** Unlike that of any other process on the database. */
  readonly consumer: string;
  /** Called once the last transport has left. */
  readonly onClosed: () => void;
}

/** One database as one application uses it, shared by its transports there. Connected on first use. */
export class ServerDatabase implements SqlPlace {
  readonly dialect: ServerDialect;
  readonly description: string;
  readonly location: string;
  readonly pool: ServerPool;
  readonly transactions: ServerPool;
  readonly notices: ServerNotices | undefined;
  readonly arrivals: ServerArrivals = new ServerArrivals();
  readonly #tables = new Map<string, SharedTable>();
  readonly #consumer: string;
  readonly #onClosed: () => void;
  readonly #members = new Set<object>();
  #claims = 0;

  constructor(setup: ServerDatabaseSetup) {
    const { dialect, pool, transactions = pool, description, location, notices, consumer, onClosed } = setup;
    this.dialect = dialect;
    this.description = description;
    this.location = location;
    this.pool = pool;
    this.transactions = transactions;
    this.notices = notices;
    this.#consumer = consumer;
    this.#onClosed = onClosed;
  }

  /** A transport begins to use it. */
  join(member: object): void {
    this.#members.add(member);
  }

  /** A transport ends using it. With the last one, the connections are closed. */
  async leave(member: object): Promise<void> {
    if (this.#members.delete(member) && this.#members.size === 0) {
      this.#onClosed();
      await this.notices?.close();
      await Promise.all([...new Set([this.pool, this.transactions])].map((pool) => pool.close()));
    }
  }

  /** What its transports on a table share, by the table's configured name. */
  sharedTable(name: string): SharedTable {
    const known = this.#tables.get(name) ?? new SharedTable();
    this.#tables.set(name, known);
    return known;
  }

  /** A token for one claim, which no other claim in the database has. */
  newOwner(): string {
    return `${this.#consumer}/${++this.#claims}`;
  }

  /** A {@link TransportError} that says what to do about a driver's error. Errors of this package pass unchanged. */
  errorOf(transportName: string, error: unknown): MessengerError {
    return error instanceof MessengerError
      ? error
      : new TransportError(transportName, this.dialect.describe(error, this.description), { cause: error });
  }
}
