import type { SqliteDatabase, SqliteStatement } from './sqlite.driver.js';

/** The most rows that change in one transaction. SQLite blocks the event loop meanwhile: 500 rows take 2 to 5 ms. */
export const MAX_ROWS = 500;

/** The columns a message is read back from. */
export interface MessageRow {
  readonly id: number;
  /** TEXT as a string, BLOB as the driver hands it out. */
  readonly body: unknown;
  readonly headers: string;
  readonly available_at: number;
  /** How often it was handed out, this time included. */
  readonly delivery_count: number;
}

/** When a queue has something to hand out next, in epoch milliseconds; and whether others wrote. */
export interface QueueOutlook {
  /** The moment the first free message is due. */
  readonly due_at: number | null;
  /** The moment the first claim ends. */
  readonly expires_at: number | null;
  /** Another number once a commit of another connection, to whatever in the file, has become visible. */
  readonly data_version: number;
}

const COLUMNS = 'id, body, headers, available_at, delivery_count';

/**
 * The prepared statements on one table, and the only place with SQL on messages.
 *
 * `INDEXED BY` holds SQLite to the index that was made for the statement. Its statistics, if an application runs
 * ANALYZE while the queue is empty, would lead it to scan the table once the queue is full.
 */
export class SqliteStatements {
  /** queue, body, headers, created at, available at */
  readonly insert: SqliteStatement;
  /** queue, queue -> {@link QueueOutlook} */
  readonly outlook: SqliteStatement;
  /** queue, now */
  readonly freeExpired: SqliteStatement;
  /** owner, lease end, queue, now, limit -> {@link MessageRow} */
  readonly claim: SqliteStatement;
  /** owner, lease end, id, queue, now -> {@link MessageRow} */
  readonly claimOne: SqliteStatement;
  /** id, owner */
  readonly remove: SqliteStatement;
  /** earliest time to be available, id, owner */
  readonly release: SqliteStatement;
  /** queue, body, headers, available at, id, owner */
  readonly replace: SqliteStatement;
  /** lease end, id, owner */
  readonly prolong: SqliteStatement;
  /** queue, now; queue, now; queue, now; queue, now -> `ready`, `expired`, `leased`, `delayed` */
  readonly count: SqliteStatement;
  /** queue, available at, id, limit; queue, available at, id, limit; limit -> {@link MessageRow} */
  readonly page: SqliteStatement;
  /** id, queue -> {@link MessageRow} */
  readonly find: SqliteStatement;

  constructor(database: SqliteDatabase, table: string) {
    const free = `"${table}" INDEXED BY "${table}_ready" WHERE queue_name = ? AND owner IS NULL`;
    const leased = `"${table}" INDEXED BY "${table}_leased" WHERE queue_name = ? AND owner IS NOT NULL`;
    const mine = 'WHERE id = ? AND owner = ?';
    const handOut = 'SET owner = ?, lease_expires_at = ?, delivery_count = delivery_count + 1';
    const freed = 'owner = NULL, lease_expires_at = NULL';
    const prepare = (sql: string): SqliteStatement => database.prepare(sql);

    this.insert = prepare(
      `INSERT INTO "${table}" (queue_name, body, headers, created_at, available_at) VALUES (?, ?, ?, ?, ?)`,
    );
    this.outlook = prepare(
      `SELECT (SELECT available_at FROM ${free} ORDER BY available_at LIMIT 1) AS due_at,
              (SELECT lease_expires_at FROM ${leased} ORDER BY lease_expires_at LIMIT 1) AS expires_at,
              (SELECT data_version FROM pragma_data_version) AS data_version`,
    );
    this.freeExpired = prepare(
      `UPDATE "${table}" SET ${freed} WHERE id IN (
         SELECT id FROM ${leased} AND lease_expires_at <= ? ORDER BY lease_expires_at LIMIT ${MAX_ROWS})`,
    );
    this.claim = prepare(
      `UPDATE "${table}" ${handOut} WHERE id IN (
         SELECT id FROM ${free} AND available_at <= ? ORDER BY available_at, id LIMIT ?) RETURNING ${COLUMNS}`,
    );
    this.claimOne = prepare(
      `UPDATE "${table}" ${handOut} WHERE id = ? AND queue_name = ? AND (owner IS NULL OR lease_expires_at <= ?)
       RETURNING ${COLUMNS}`,
    );
    this.remove = prepare(`DELETE FROM "${table}" ${mine}`);
    this.release = prepare(
      `UPDATE "${table}" SET ${freed}, delivery_count = delivery_count - 1,
              available_at = max(available_at, ?) ${mine}`,
    );
    this.replace = prepare(
      `UPDATE "${table}" SET queue_name = ?, body = ?, headers = ?, available_at = ?, delivery_count = 0, ${freed} ${mine}`,
    );
    this.prolong = prepare(`UPDATE "${table}" SET lease_expires_at = ? ${mine}`);
    this.count = prepare(
      `SELECT (SELECT count(*) FROM ${free} AND available_at <= ?) AS ready,
              (SELECT count(*) FROM ${leased} AND lease_expires_at <= ?) AS expired,
              (SELECT count(*) FROM ${leased} AND lease_expires_at > ?) AS leased,
              (SELECT count(*) FROM ${free} AND available_at > ?) AS delayed`,
    );
    // Two walks along the indexes rather than one over the table, which may hold a million messages of other queues.
    const after = 'AND (available_at, id) > (?, ?) ORDER BY available_at, id LIMIT ?';
    this.page = prepare(
      `SELECT * FROM (SELECT ${COLUMNS} FROM ${free} ${after})
       UNION ALL SELECT * FROM (SELECT ${COLUMNS} FROM ${leased} ${after})
       ORDER BY available_at, id LIMIT ?`,
    );
    this.find = prepare(`SELECT ${COLUMNS} FROM "${table}" WHERE id = ? AND queue_name = ?`);
  }
}
