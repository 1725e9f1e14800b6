import { MAX_CLAIM_BYTES } from '../sql.rows.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite.driver.js';

/** The most rows that change in one transaction. SQLite blocks the event loop meanwhile: 500 rows take 2 to 5 ms. */
export const MAX_ROWS = 500;

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
const FREE = 'owner = NULL, lease_expires_at = NULL';
const MINE = 'WHERE id = ? AND owner = ?';

/**
 * The two states of a row, each with its index. `INDEXED BY` holds SQLite to it: statistics of an ANALYZE that ran while
 * the queue was empty would lead it to scan the table once the queue is full.
 */
function rowsOf(table: string): { readonly free: string; readonly leased: string } {
  return {
    free: `"${table}" INDEXED BY "${table}_ready" WHERE queue_name = ? AND owner IS NULL`,
    leased: `"${table}" INDEXED BY "${table}_leased" WHERE queue_name = ? AND owner IS NOT NULL`,
  };
}

/** The sum costs a claim 5 %, and to weigh row by row 30 %. SQLite reads a materialized list in the order it was made in. */
const FITTING = `
        CASE WHEN (SELECT sum(size) FROM due) <= ${MAX_CLAIM_BYTES} THEN -1 ELSE (
          SELECT count(*) FROM (SELECT sum(size) OVER (ROWS UNBOUNDED PRECEDING) - size AS before FROM due)
          WHERE before < ${MAX_CLAIM_BYTES}) END`;

const HAND_OUT = 'SET owner = ?, lease_expires_at = ?, delivery_count = delivery_count + 1';

function claimingSql(table: string) {
  const { free, leased } = rowsOf(table);
  return {
    /** queue, queue -> {@link QueueOutlook} */
    outlook: `
      SELECT (SELECT available_at FROM ${free} ORDER BY available_at LIMIT 1) AS due_at,
             (SELECT lease_expires_at FROM ${leased} ORDER BY lease_expires_at LIMIT 1) AS expires_at,
             (SELECT data_version FROM pragma_data_version) AS data_version`,
    /** queue, now */
    freeExpired: `
      UPDATE "${table}" SET ${FREE} WHERE id IN (
        SELECT id FROM ${leased} AND lease_expires_at <= ? ORDER BY lease_expires_at LIMIT ${MAX_ROWS})`,
    /** queue, now, limit, owner, lease end -> `MessageRow` */
    claim: `
      WITH due AS MATERIALIZED (
        SELECT id, octet_length(body) AS size
        FROM ${free} AND available_at <= ? ORDER BY available_at, id LIMIT ?)
      UPDATE "${table}" ${HAND_OUT}
      WHERE id IN (SELECT id FROM due LIMIT ${FITTING}) RETURNING ${COLUMNS}`,
    /** owner, lease end, id, queue, now -> `MessageRow` */
    claimOne: `
      UPDATE "${table}" ${HAND_OUT}
      WHERE id = ? AND queue_name = ? AND (owner IS NULL OR lease_expires_at <= ?) RETURNING ${COLUMNS}`,
  };
}

/** For queues that hand out nothing while one of their rows is claimed. */
function exclusiveSql(table: string) {
  const { free, leased } = rowsOf(table);
  return {
    /** queue, queue, queue -> {@link QueueOutlook} */
    outlookExclusive: `
      SELECT CASE WHEN EXISTS (SELECT 1 FROM ${leased}) THEN NULL
               ELSE (SELECT available_at FROM ${free} ORDER BY available_at LIMIT 1) END AS due_at,
             (SELECT lease_expires_at FROM ${leased} ORDER BY lease_expires_at LIMIT 1) AS expires_at,
             (SELECT data_version FROM pragma_data_version) AS data_version`,
    /** queue, now, queue, limit, owner, lease end -> `MessageRow` */
    claimExclusive: `
      WITH due AS MATERIALIZED (
        SELECT id, octet_length(body) AS size
        FROM ${free} AND available_at <= ? AND NOT EXISTS (SELECT 1 FROM ${leased}) ORDER BY available_at, id LIMIT ?)
      UPDATE "${table}" ${HAND_OUT}
      WHERE id IN (SELECT id FROM due LIMIT ${FITTING}) RETURNING ${COLUMNS}`,
  };
}

function changingSql(table: string) {
  return {
    /** queue, body, headers, created at, available at */
    insert: `
      INSERT INTO "${table}" (queue_name, body, headers, created_at, available_at) VALUES (?, ?, ?, ?, ?)`,
    /** id, owner */
    remove: `DELETE FROM "${table}" ${MINE}`,
    /** earliest time to be available, id, owner */
    release: `
      UPDATE "${table}" SET ${FREE}, delivery_count = delivery_count - 1, available_at = max(available_at, ?) ${MINE}`,
    /** queue, body, headers, available at, id, owner */
    replace: `
      UPDATE "${table}" SET ${FREE}, queue_name = ?, body = ?, headers = ?, available_at = ?, delivery_count = 0 ${MINE}`,
    /** lease end, id, owner */
    prolong: `UPDATE "${table}" SET lease_expires_at = ? ${MINE}`,
  };
}

/** An outbox is due from the beginning of time. */
const READY_SINCE = 'max(created_at, available_at)';

function listingSql(table: string) {
  const { free, leased } = rowsOf(table);
  const after = 'AND (available_at, id) > (?, ?) ORDER BY available_at, id LIMIT ?';
  return {
    /**
     * queue, now; queue, now, now; queue, now; queue, now; queue, now, now; queue, now; queue, now, now -> `ready`, `expired`,
     * `leased`, `delayed`, `withdrawn`: whose claim has run out before they are due; `ready_since`, `expired_since`: the first
     * moment at which one of those was due
     */
    count: `
      SELECT (SELECT count(*) FROM ${free} AND available_at <= ?) AS ready,
             (SELECT count(*) FROM ${leased} AND lease_expires_at <= ? AND available_at <= ?) AS expired,
             (SELECT count(*) FROM ${leased} AND lease_expires_at > ?) AS leased,
             (SELECT count(*) FROM ${free} AND available_at > ?) AS delayed,
             (SELECT count(*) FROM ${leased} AND lease_expires_at <= ? AND available_at > ?) AS withdrawn,
             (SELECT ${READY_SINCE} FROM ${free} AND available_at <= ?
              ORDER BY available_at, id LIMIT 1) AS ready_since,
             (SELECT min(${READY_SINCE}) FROM ${leased} AND lease_expires_at <= ? AND available_at <= ?) AS expired_since`,
    /**
     * twice: queue, available at, id, limit; then limit -> `MessageRow`. It walks along the indexes rather than the
     * table, which may hold a million messages of other queues.
     */
    page: `
      SELECT * FROM (SELECT ${COLUMNS} FROM ${free} ${after})
      UNION ALL SELECT * FROM (SELECT ${COLUMNS} FROM ${leased} ${after})
      ORDER BY available_at, id LIMIT ?`,
    /** id, queue -> `MessageRow` */
    find: `SELECT ${COLUMNS} FROM "${table}" WHERE id = ? AND queue_name = ?`,
  };
}

function signalSql(table: string) {
  return {
    /** name, now */
    writeSignal: `
      INSERT INTO "${table}_signals" (name, given_at) VALUES (?, ?)
      ON CONFLICT DO UPDATE SET given_at = excluded.given_at`,
    /** name -> `given_at` */
    readSignal: `SELECT given_at FROM "${table}_signals" WHERE name = ?`,
  };
}

function lockSql(table: string) {
  const locks = `"${table}_locks"`;
  return {
    /** now */
    removeExpiredLocks: `
      DELETE FROM ${locks} WHERE (queue_name, lock_key) IN (
        SELECT queue_name, lock_key FROM ${locks} WHERE expires_at <= ? LIMIT 100)`,
    /** queue, key, token, end, now. Changes a row if the token has the lock afterwards. */
    acquireLock: `
      INSERT INTO ${locks} (queue_name, lock_key, token, expires_at) VALUES (?, ?, ?, ?)
      ON CONFLICT (queue_name, lock_key) DO UPDATE SET token = excluded.token, expires_at = excluded.expires_at
      WHERE token = excluded.token OR expires_at <= ?`,
    /** queue, key, token */
    releaseLock: `DELETE FROM ${locks} WHERE queue_name = ? AND lock_key = ? AND token = ?`,
  };
}

function rollSql(table: string) {
  const workers = `"${table}_workers"`;
  return {
    /** now */
    removeExpiredWorkers: `DELETE FROM ${workers} WHERE expires_at <= ?`,
    /** id, details, now, end */
    enterWorker: `
      INSERT INTO ${workers} (id, details, entered_at, expires_at) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET details = excluded.details, entered_at = excluded.entered_at, expires_at = excluded.expires_at`,
    /** id */
    removeWorker: `DELETE FROM ${workers} WHERE id = ?`,
    /** now -> `id`, `details`, `entered_at` */
    readWorkers: `SELECT id, details, entered_at FROM ${workers} WHERE expires_at > ?`,
  };
}

/** All the SQL there is on the messages of a table. The comments name what is bound, in order, and what comes back. */
export function sqlOn(table: string) {
  return {
    ...claimingSql(table),
    ...exclusiveSql(table),
    ...changingSql(table),
    ...listingSql(table),
    ...signalSql(table),
    ...lockSql(table),
    ...rollSql(table),
  };
}

/** The statements of {@link sqlOn}, prepared. */
export type SqliteStatements = { readonly [K in keyof ReturnType<typeof sqlOn>]: SqliteStatement };

export function prepareStatements(database: SqliteDatabase, table: string): SqliteStatements {
  const prepared = Object.entries(sqlOn(table)).map(([name, sql]) => [name, database.prepare(sql)] as const);
  return Object.fromEntries(prepared) as unknown as SqliteStatements;
}
