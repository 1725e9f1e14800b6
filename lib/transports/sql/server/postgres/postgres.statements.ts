import { MAX_CLAIM_BYTES } from '../../sql.rows.js';
import { HANDED_OUT, STORED } from '../server.outbox-places.js';
import { IDLE_LIMIT_MS } from '../server.pool.js';
import { parseTableName, quoteIdentifier, quoteLiteral, siblingOf } from './postgres.names.js';

/**
 * Now, in epoch milliseconds by the clock of the database. As a query of its own it is computed once a statement, and the planner
 * does not compare it with what statistics of another time say about the columns.
 */
export const NOW = '(SELECT floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint)';

const COLUMNS = 'id, body, body_kind, headers, available_at, delivery_count';
const NEW_COLUMNS = 'queue_name, body, body_kind, headers, created_at, available_at';
const FREE = 'owner = NULL, lease_expires_at = NULL';
const HAND_OUT = `SET owner = $1, lease_expires_at = ${NOW} + $2::bigint, delivery_count = delivery_count + 1`;
const CLAIMABLE = `(owner IS NULL OR lease_expires_at <= ${NOW})`;

/** When a row is due, by its delay. */
const placeOf = (delay: string): string => `coalesce(${NOW} + ${delay}, ${STORED})`;

/** Claims as two lists, `$1` of ids and `$2` of owners. A row answers only to the owner it has. */
const CLAIMS = 'unnest($1::bigint[], $2::text[]) AS claim (row_id, token)';

function insertingSql(table: string) {
  return {
    /** queue, body, body kind, headers, delay -> `id` */
    insertOne: `
      INSERT INTO ${table} (${NEW_COLUMNS})
      VALUES ($1, $2, $3, $4, ${NOW}, ${placeOf('$5::bigint')}) RETURNING id`,
    /** lists of the same -> `id`, in their order */
    insertMany: `
      INSERT INTO ${table} (${NEW_COLUMNS})
      SELECT queue, body, kind, headers, ${NOW}, ${placeOf('delay')}
      FROM unnest($1::text[], $2::text[], $3::smallint[], $4::text[], $5::bigint[])
        WITH ORDINALITY AS message (queue, body, kind, headers, delay, place)
      ORDER BY place RETURNING id`,
    /** For `count` rows: each one's queue, body, body kind, headers, delay -> `id`, in their order */
    insertValues: (count: number): string => `
      INSERT INTO ${table} (${NEW_COLUMNS})
      SELECT queue, body, kind, headers, ${NOW}, ${placeOf('delay')}
      FROM (VALUES ${valuesList(count)}) AS message (queue, body, kind, headers, delay)
      RETURNING id`,
  };
}

function valuesList(count: number): string {
  const types = ['text', 'text', 'smallint', 'text', 'bigint'];
  const row = (index: number): string =>
    types.map((type, column) => `$${index * types.length + column + 1}::${type}`).join(', ');
  return Array.from({ length: count }, (_, index) => `(${row(index)})`).join(', ');
}

function claimingSql(table: string) {
  const due = `queue_name = $3 AND available_at <= ${NOW} AND ${CLAIMABLE}`;
  return {
    /**
     * owner, lease, queue, limit -> columns of a message.
     *
     * The rows are found again by their place in the table, which costs nothing and leaves the planner no choice.
     */
    claim: `
      WITH due AS MATERIALIZED (
        SELECT ctid AS place, octet_length(body) AS size FROM ${table}
        WHERE ${due} ORDER BY available_at, id LIMIT $4 FOR UPDATE SKIP LOCKED
      ), weighed AS (
        SELECT place, sum(size) OVER (ROWS UNBOUNDED PRECEDING) - size AS before FROM due
      )
      UPDATE ${table} ${HAND_OUT}
      WHERE ctid = ANY (ARRAY(SELECT place FROM weighed WHERE before < ${MAX_CLAIM_BYTES})) RETURNING ${COLUMNS}`,
    /** owner, lease, queue, id -> columns of a message */
    claimOne: `
      UPDATE ${table} ${HAND_OUT}
      WHERE id = (
        SELECT id FROM ${table} WHERE queue_name = $3 AND id = $4 AND ${CLAIMABLE} FOR UPDATE SKIP LOCKED)
      RETURNING ${COLUMNS}`,
    /**
     * queue -> `due_in`, milliseconds.
     *
     * If nothing is due, all that is claimed comes before what is delayed.
     */
    outlook: `SELECT ${dueIn(table, '$1', 'free')} AS due_in FROM ${firstFree(table, '$1')} AS free`,
  };
}

function exclusiveSql(table: string) {
  const handedOut = (queue: string): string =>
    `FROM ${table} WHERE queue_name = ${queue} AND available_at = ${HANDED_OUT} AND lease_expires_at > ${NOW}`;
  return {
    /** What each statement sees, whatever the database has as its default. */
    readCommitted: 'SET TRANSACTION ISOLATION LEVEL READ COMMITTED',
    /**
     * queue. Lets those who claim from one queue of the table take turns, until their transactions end. The server ends that of a
     * process which was stopped in the middle of it.
     */
    takeTurn: `
      SELECT set_config('idle_in_transaction_session_timeout', '${IDLE_LIMIT_MS}', true),
             pg_advisory_xact_lock(${quoteLiteral(table)}::regclass::oid::integer, hashtext($1))`,
    /** owner, lease, queue, limit -> columns of a message */
    claimExclusive: `
      WITH first AS MATERIALIZED (
        SELECT ctid AS place, octet_length(body) AS size FROM ${table}
        WHERE queue_name = $3 AND NOT EXISTS (SELECT ${handedOut('$3')})
        ORDER BY available_at, id LIMIT $4 FOR UPDATE
      ), weighed AS (
        SELECT place, sum(size) OVER (ROWS UNBOUNDED PRECEDING) - size AS before FROM first
      )
      UPDATE ${table} ${HAND_OUT}, available_at = ${HANDED_OUT}
      WHERE ctid = ANY (ARRAY(SELECT place FROM weighed WHERE before < ${MAX_CLAIM_BYTES})) RETURNING ${COLUMNS}`,
    /** queue -> `due_in`, milliseconds; none if there is nothing */
    outlookExclusive: `
      SELECT coalesce((SELECT max(lease_expires_at) - ${NOW} ${handedOut('$1')}), 0) AS due_in
      FROM (SELECT FROM ${table} WHERE queue_name = $1 ORDER BY available_at, id LIMIT 1) AS first`,
  };
}

/** Of a queue whose first free row is due at `free.first`. */
function dueIn(table: string, queue: string, free: string): string {
  return `
      CASE WHEN ${free}.first <= ${NOW} THEN 0 ELSE least(${free}.first, (
        SELECT min(lease_expires_at) FROM ${table}
        WHERE queue_name = ${queue} AND available_at <= ${NOW} AND owner IS NOT NULL
      )) - ${NOW} END`;
}

function firstFree(table: string, queue: string): string {
  return `
      (SELECT (
        SELECT available_at FROM ${table}
        WHERE queue_name = ${queue} AND owner IS NULL ORDER BY available_at, id LIMIT 1
      ) AS first)`;
}

function settlingSql(table: string) {
  const mine = `WHERE id = claim.row_id AND owner = claim.token RETURNING id, owner`;
  const ours = `WHERE id = claim.row_id AND owner = claim.token RETURNING claim.row_id AS id, claim.token AS owner`;
  return {
    /** ids, owners -> `id`, `owner` of those that held */
    remove: `DELETE FROM ${table} USING ${CLAIMS} ${mine}`,
    /** ids, owners, delay -> the same */
    release: `
      UPDATE ${table} SET ${FREE}, delivery_count = delivery_count - 1,
        available_at = CASE $3::bigint WHEN 0 THEN available_at ELSE greatest(available_at, ${NOW} + $3::bigint) END
      FROM ${CLAIMS} ${ours}`,
    /** ids, owners, lease -> the same */
    prolong: `UPDATE ${table} SET lease_expires_at = ${NOW} + $3::bigint FROM ${CLAIMS} ${mine}`,
    /** ids, owners, queues, bodies, body kinds, headers, delays -> the same */
    replace: `
      UPDATE ${table} SET ${FREE}, delivery_count = 0, queue_name = claim.queue, body = claim.body,
        body_kind = claim.kind, headers = claim.headers, available_at = ${placeOf('claim.delay')}
      FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::text[], $7::bigint[])
        AS claim (row_id, token, queue, body, kind, headers, delay)
      ${ours}`,
  };
}

/** A row of an outbox has no time for its place. */
const READY_SINCE = 'greatest(created_at, available_at)';

function readingSql(table: string) {
  return {
    /** queue -> `ready`, `leased`, `delayed`; `age`, how many milliseconds one has been ready at the most */
    count: `
      SELECT count(*) FILTER (WHERE available_at <= ${NOW} AND ${CLAIMABLE}) AS ready,
             count(*) FILTER (WHERE owner IS NOT NULL AND lease_expires_at > ${NOW}) AS leased,
             count(*) FILTER (WHERE available_at > ${NOW} AND ${CLAIMABLE}) AS delayed,
             ${NOW} - min(${READY_SINCE}) FILTER (WHERE available_at <= ${NOW} AND ${CLAIMABLE}) AS age
      FROM ${table} WHERE queue_name = $1`,
    /** queue, available at, id, size -> columns of a message */
    page: `
      SELECT ${COLUMNS} FROM ${table}
      WHERE queue_name = $1 AND (available_at, id) > ($2::bigint, $3::bigint) ORDER BY available_at, id LIMIT $4`,
    /** queue, id -> columns of a message */
    find: `SELECT ${COLUMNS} FROM ${table} WHERE queue_name = $1 AND id = $2`,
  };
}

function signalSql(table: string, signals: string) {
  return {
    /** queues -> `queue`, `value`: as the outlook on each; and `signal`, `value`: as the signals */
    look: `
      SELECT queue, NULL AS signal, ${dueIn(table, 'queue', 'free')} AS value
      FROM unnest($1::text[]) AS asked (queue), LATERAL ${firstFree(table, 'queue')} AS free
      UNION ALL SELECT NULL, name, given_at FROM ${signals}`,
    /** name */
    writeSignal: `
      INSERT INTO ${signals} (name, given_at) VALUES ($1, ${NOW})
      ON CONFLICT (name) DO UPDATE SET given_at = excluded.given_at`,
    /** -> `name`, `given_at` */
    readSignals: `SELECT name, given_at FROM ${signals}`,
  };
}

/** All the SQL there is on the messages of a table. The comments name the parameters, in order, and what comes back. */
export function postgresSqlOn(tableName: string) {
  const table = quoteIdentifier(tableName);
  const signals = siblingOf(tableName, `${parseTableName(tableName).table}_signals`);
  return {
    ...insertingSql(table),
    ...claimingSql(table),
    ...exclusiveSql(table),
    ...settlingSql(table),
    ...readingSql(table),
    ...signalSql(table, quoteIdentifier(signals)),
  };
}
