import type { TransportContext } from '../../../transport/transport-factory.js';
import { SqlTransport } from '../sql.transport.js';
import { ServerConsumer } from './server.consumer.js';
import type { ServerDatabase } from './server.database.js';
import { ServerInbox } from './server.inbox.js';
import { ServerLocks } from './server.locks.js';
import { ServerPages } from './server.pages.js';
import { ServerQueue } from './server.queue.js';
import { ServerRoll } from './server.roll.js';
import { ServerSignals } from './server.signals.js';
import { ServerTable } from './server.table.js';
import { ServerTransactionWriter } from './server.transaction-writer.js';

/** The options that transports on every kind of server have: camelCase in code, snake_case in the DSN's query. */
export interface ServerOptions {
  /** The table that holds the messages. @default 'messenger_messages' */
  readonly tableName: string;
  /** The queue within the table. Transports with different queues share a table. @default 'default' */
  readonly queueName: string;
  /** Create and upgrade the table on first use; otherwise `setup-transports` has to. @default true */
  readonly autoSetup: boolean;
  /**
   * How long a claim lasts without a sign of life, in seconds: after a crash, the message is handed out again this much
   * later. Workers prolong the claim of a running handler, so it may be shorter than handlers run. @default 60
   */
  readonly redeliverTimeout: number;
  /** How often to look for messages while nothing announces them, in milliseconds; at least 100. @default 1000 */
  readonly pollInterval: number;
  /**
   * How often a receiver that waits looks for messages although others announce theirs, in milliseconds; at least 500: for what is
   * free again because its consumer has died, and in case an announcement was lost. @default 5000
   */
  readonly checkDelayedInterval: number;
}

/**
 * Puts a transport on a database together. Nothing is connected yet.
 *
 * @param isOutbox hand out messages in the order in which they were stored, and none while one is claimed.
 */
export function createServerTransport(
  database: ServerDatabase,
  options: ServerOptions,
  context: TransportContext,
  isOutbox = false,
): SqlTransport {
  const { queueName, redeliverTimeout, checkDelayedInterval: checkInterval, pollInterval } = options;
  const table = new ServerTable(database, context.transportName, options);
  const queue = new ServerQueue(table, queueName, Math.round(redeliverTimeout * 1000), isOutbox);
  const closing = new AbortController();
  const intervals = { checkInterval, pollInterval };
  const consumer = new ServerConsumer({
    queue,
    table,
    ...intervals,
    closing: closing.signal,
  });
  const parts = {
    place: database,
    location: `${database.location} ${queue.address}`,
    table,
    queue,
    consumer,
    pages: new ServerPages(table, queue.name),
    signals: new ServerSignals(table, intervals),
    locks: new ServerLocks(table, queue.name),
    inbox: new ServerInbox(table),
    roll: new ServerRoll(table),
    writer: new ServerTransactionWriter(table, queue),
    outboxOf: (targetName: string, outboxContext: TransportContext) =>
      createServerTransport(
        database,
        { ...options, queueName: `${queueName}.outbox.${targetName}` },
        outboxContext,
        true,
      ),
    closing,
  };
  return new SqlTransport(parts, context);
}
