import type { InboxEntry } from '../../transport/capabilities.js';
import type { SqlConnection, SqlDialectName } from './transactions/sql-connection.js';

/** The most entries that are forgotten in one statement: few enough that nobody waits for it. */
export const PRUNED_AT_ONCE = 500;

/** The statements on an inbox; its table has the columns `message_id`, `handler_name`, both its key, and `handled_at`. */
export interface InboxSql {
  /** message id, handler name, epoch ms. Changes a row, or none if it is there; waits for a transaction that is about to insert it. */
  readonly record: string;
  /** epoch ms. Deletes up to {@link PRUNED_AT_ONCE} rows that are older. */
  readonly prune: string;
}

const COLUMNS = 'message_id, handler_name, handled_at';

/** @param table quoted as the dialect wants it. */
export function inboxSqlOf(dialect: SqlDialectName, table: string): InboxSql {
  switch (dialect) {
    case 'postgres':
      return {
        record: `INSERT INTO ${table} (${COLUMNS}) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
        prune: pruneByKey(table, '$1'),
      };
    case 'sqlite':
      return {
        record: `INSERT INTO ${table} (${COLUMNS}) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
        prune: pruneByKey(table, '?'),
      };
    case 'mysql':
      return {
        // Not ON DUPLICATE KEY UPDATE: whether that counts a row it found depends on a flag of the connection.
        record: `INSERT IGNORE INTO ${table} (${COLUMNS}) VALUES (?, ?, ?)`,
        prune: `DELETE FROM ${table} WHERE handled_at < ? ORDER BY handled_at LIMIT ${PRUNED_AT_ONCE}`,
      };
  }
}

/** Records an entry in the transaction of `connection`. `false` if it was there. */
export async function recordIn(
  connection: SqlConnection,
  { record }: InboxSql,
  { messageId, handlerName }: InboxEntry,
  now: number,
): Promise<boolean> {
  return (await connection.query(record, [messageId, handlerName, now])).affected > 0;
}

function pruneByKey(table: string, placeholder: string): string {
  return (
    `DELETE FROM ${table} WHERE (message_id, handler_name) IN (SELECT message_id, handler_name FROM ${table} ` +
    `WHERE handled_at < ${placeholder} ORDER BY handled_at LIMIT ${PRUNED_AT_ONCE})`
  );
}
