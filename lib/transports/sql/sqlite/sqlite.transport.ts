import type { Ephemeral } from '../../../transport/ephemeral.js';
import type { TransportContext } from '../../../transport/transport-factory.js';
import { SqlTransport } from '../sql.transport.js';
import type { SqliteConnection } from './sqlite.connection.js';
import { SqliteConsumer } from './sqlite.consumer.js';
import { SqliteInbox } from './sqlite.inbox.js';
import { SqliteListing } from './sqlite.listing.js';
import { SqliteLocks } from './sqlite.locks.js';
import { IN_MEMORY, type ResolvedSqliteOptions } from './sqlite.options.js';
import { SqliteQueue } from './sqlite.queue.js';
import { SqliteRoll } from './sqlite.roll.js';
import { SqliteSignals } from './sqlite.signals.js';
import { SqliteTable } from './sqlite.table.js';
import { SqliteTransactionWriter } from './sqlite.transaction-writer.js';

/** Keeps messages in an SQLite file. Made by `SqliteTransportFactory`. */
export class SqliteTransport extends SqlTransport implements Ephemeral {
  readonly #connection: SqliteConnection;

  /** @param isOutbox hand out messages in the order in which they were stored, and none while one is claimed. */
  constructor(
    connection: SqliteConnection,
    options: ResolvedSqliteOptions,
    context: TransportContext,
    isOutbox = false,
  ) {
    const { file, tableName, queueName, redeliverTimeout, pollInterval, autoSetup } = options;
    const { transportName } = context;
    const table = new SqliteTable(connection, transportName, options);
    const queue = new SqliteQueue(table, queueName, Math.round(redeliverTimeout * 1000), isOutbox);
    const closing = new AbortController();
    const { arrivals, clock } = connection;
    const consumer = new SqliteConsumer({ queue, arrivals, clock, pollInterval, closing: closing.signal });
    const parts = {
      place: connection,
      location: `sqlite:${connection.file} ${queue.address}`,
      table,
      queue,
      consumer,
      pages: new SqliteListing(table, queueName),
      signals: new SqliteSignals(table),
      locks: new SqliteLocks(table, queueName),
      inbox: new SqliteInbox(table, transportName),
      roll: new SqliteRoll(table),
      writer: new SqliteTransactionWriter({ transportName, file, table: tableName, autoSetup, queue }),
      outboxOf: (targetName: string, outboxContext: TransportContext) => {
        const outboxOptions = { ...options, queueName: `${queueName}.outbox.${targetName}` };
        connection.join(transportName, outboxOptions);
        return new SqliteTransport(connection, outboxOptions, outboxContext, true);
      },
      closing,
    };
    super(parts, context);
    this.#connection = connection;
  }

  /** Whether the database is in memory. */
  get isEphemeral(): boolean {
    return this.#connection.file === IN_MEMORY;
  }

  /** Whether a waiting `get` is woken by commits of other processes, rather than by its poll. */
  get watchesFile(): boolean {
    return this.#connection.arrivals.watching;
  }
}
