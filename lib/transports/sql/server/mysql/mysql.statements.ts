import { HANDED_OUT, STORED } from '../server.outbox-places.js';
import { parseTableName, quoteIdentifier, siblingOf } from './mysql.names.js';

/**
 * Now, in epoch milliseconds by the clock of the database: the same throughout a statement, whatever the time zone of the session,
 * and in the hour that is repeated in autumn.
 */
export const NOW = "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000)";

const COLUMNS = 'id, body, body_kind, headers, available_at, delivery_count';
const NEW_COLUMNS = 'queue_name, body, body_kind, headers, created_at, available_at';
const FREE = "owner = '', lease_expires_at = 0";
const CLAIMABLE = `lease_expires_at <= ${NOW}`;

/** Where a row comes in its queue: by when it is due, `?` milliseconds from now; in an outbox, `NULL`, by when it was stored. */
const PLACE = placeFrom(NOW);

/** Now, as it was when {@link mysqlSqlOn}'s `holdTime` was last sent on the connection. */
const HELD_NOW = '@messenger_now';

/** The name of the index by which messages are found. */
export const INDEX = 'due';

/** A row of an outbox has no time for its place. */
const READY_SINCE = 'GREATEST(created_at, available_at)';

function readingSql(table: string) {
  const ordered = `${table} FORCE INDEX (${INDEX})`;
  return {
    /** queue -> `ready`, `leased`, `delayed`; `age`, how many milliseconds one has been ready at the most */
    count: `
      SELECT SUM(available_at <= ${NOW} AND ${CLAIMABLE}) AS ready,
             SUM(owner <> '' AND lease_expires_at > ${NOW}) AS leased,
             SUM(available_at > ${NOW} AND ${CLAIMABLE}) AS \`delayed\`,
             ${NOW} - MIN(IF(available_at <= ${NOW} AND ${CLAIMABLE}, ${READY_SINCE}, NULL)) AS age
      FROM ${table} WHERE queue_name = ?`,
    /** queue, available at, available at, id, size -> columns of a message */
    page: `
      SELECT ${COLUMNS} FROM ${ordered}
      WHERE queue_name = ? AND available_at >= ? AND (available_at > ? OR id > ?)
      ORDER BY available_at, id LIMIT ?`,
    /** queue, id -> columns of a message */
    find: `SELECT ${COLUMNS} FROM ${table} WHERE queue_name = ? AND id = ?`,
    /**
     * queue, queue -> `at`, now; `first`, when the first free row is due; `freed`, when the first claim runs out. If something is due,
     * nobody asks for that, and if nothing is due, all that is claimed comes before what is delayed.
     */
    outlook: `SELECT at, first, ${freed(ordered)} AS freed FROM ${firstFree(ordered)} AS free`,
    /** place in a list, queue, queue -> `place` and the same, and no `name`; to be joined by UNION ALL */
    outlookAt: `
      SELECT ? AS place, NULL AS name, at, first, ${freed(ordered)} AS freed FROM ${firstFree(ordered)} AS free`,
  };
}

/** queue */
function freed(table: string): string {
  return `
      IF(first <= at, NULL, (
        SELECT MIN(lease_expires_at) FROM ${table}
        WHERE queue_name = ? AND available_at <= ${NOW} AND owner <> ''
      ))`;
}

/** queue */
function firstFree(table: string): string {
  return `
      (SELECT ${NOW} AS at, (
        SELECT available_at FROM ${table}
        WHERE queue_name = ? AND owner = '' ORDER BY available_at, id LIMIT 1
      ) AS first)`;
}

function claimingSql(table: string) {
  return {
    /** queue, available from, limit -> `id`, `size`, `available_at`, locked */
    lockDue: `
      SELECT id, OCTET_LENGTH(body) AS size, available_at FROM ${table} FORCE INDEX (${INDEX})
      WHERE queue_name = ? AND available_at >= ? AND available_at <= ${NOW} AND ${CLAIMABLE}
      ORDER BY available_at, id LIMIT ? FOR UPDATE SKIP LOCKED`,
    /** queue, id -> the same */
    lockOne: `
      SELECT id, OCTET_LENGTH(body) AS size, available_at FROM ${table}
      WHERE queue_name = ? AND id = ? AND ${CLAIMABLE} FOR UPDATE SKIP LOCKED`,
    /** owner, lease, ids */
    handOut: `
      UPDATE ${table} SET owner = ?, lease_expires_at = ${NOW} + ?, delivery_count = delivery_count + 1
      WHERE id IN (?)`,
    /** ids -> columns of a message */
    read: `SELECT ${COLUMNS} FROM ${table} WHERE id IN (?)`,
  };
}

function exclusiveSql(table: string) {
  const handedOut = `FROM ${table} AS held WHERE queue_name = ? AND available_at = ${HANDED_OUT} AND lease_expires_at > ${NOW}`;
  return {
    /** table, queue, seconds -> `is_ours`: lets those who claim from one queue take turns. The name has 64 characters at the most. */
    takeTurn: `SELECT GET_LOCK(SHA2(CONCAT_WS('/', DATABASE(), ?, ?), 224), ?) AS is_ours`,
    /** table, queue */
    endTurn: `DO RELEASE_LOCK(SHA2(CONCAT_WS('/', DATABASE(), ?, ?), 224))`,
    /** queue, queue, limit -> `id`, `size`, locked: what was handed out before first; nothing while one is claimed */
    lockFirst: `
      SELECT id, OCTET_LENGTH(body) AS size FROM ${table} FORCE INDEX (${INDEX})
      WHERE queue_name = ? AND NOT EXISTS (SELECT 1 ${handedOut})
      ORDER BY available_at, id LIMIT ? FOR UPDATE`,
    /** owner, lease, ids */
    handOutExclusive: `
      UPDATE ${table} SET owner = ?, lease_expires_at = ${NOW} + ?, delivery_count = delivery_count + 1,
        available_at = ${HANDED_OUT}
      WHERE id IN (?)`,
    /** queue, queue -> `due_in`, milliseconds; no row if there is nothing */
    outlookExclusive: `
      SELECT COALESCE((SELECT MAX(lease_expires_at) - ${NOW} ${handedOut}), 0) AS due_in
      FROM (SELECT id FROM ${table} FORCE INDEX (${INDEX}) WHERE queue_name = ? ORDER BY available_at, id LIMIT 1) AS first`,
  };
}

/** Those that end with WHERE are completed by a condition that claims meet. */
function settlingSql(table: string) {
  return {
    /** -> `id`, `owner` of those that hold; to be followed by FOR UPDATE */
    held: `SELECT id, owner FROM ${table} WHERE `,
    remove: `DELETE FROM ${table} WHERE `,
    /** delay, delay */
    release: `
      UPDATE ${table} SET ${FREE}, delivery_count = delivery_count - 1,
        available_at = IF(? = 0, available_at, GREATEST(available_at, ${NOW} + ?))
      WHERE `,
    /** lease */
    prolong: `UPDATE ${table} SET lease_expires_at = ${NOW} + ? WHERE `,
    /** queue, body, body kind, headers, delay, id, owner */
    replace: replacing(table, PLACE),
    /** The same for one of several, after `holdTime`: what is replaced together is due at the same time, whenever its statement runs. */
    replaceOfSeveral: replacing(table, placeFrom(HELD_NOW)),
    holdTime: `SET ${HELD_NOW} = ${NOW}`,
  };
}

function replacing(table: string, place: string): string {
  return `
      UPDATE ${table} SET ${FREE}, delivery_count = 0, queue_name = ?, body = ?, body_kind = ?, headers = ?,
        available_at = ${place}
      WHERE id = ? AND owner = ?`;
}

function placeFrom(now: string): string {
  return `COALESCE(${now} + ?, ${STORED})`;
}

/** All the SQL there is on the messages of a table. The comments name the parameters, in order, and what comes back. */
export function mysqlSqlOn(tableName: string) {
  const table = quoteIdentifier(tableName);
  const signals = quoteIdentifier(siblingOf(tableName, `${parseTableName(tableName).table}_signals`));
  return {
    insert: `INSERT INTO ${table} (${NEW_COLUMNS}) VALUES `,
    /** queue, body, body kind, headers, delay */
    tuple: `(?, ?, ?, ?, ${NOW}, ${PLACE})`,
    ...claimingSql(table),
    ...exclusiveSql(table),
    ...settlingSql(table),
    ...readingSql(table),
    /** name */
    writeSignal: `
      INSERT INTO ${signals} (name, given_at) VALUES (?, ${NOW}) ON DUPLICATE KEY UPDATE given_at = ${NOW}`,
    /** -> `name`, `given_at` */
    readSignals: `SELECT name, given_at FROM ${signals}`,
    /** -> no `place`, `name`, `at`, when it was given; to be joined to outlooks */
    signalsAt: `SELECT NULL, name, given_at, NULL, NULL FROM ${signals}`,
  };
}
