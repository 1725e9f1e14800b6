import type { SqlConnection } from '../../transactions/sql-connection.js';
import type { ServerSchemaSteps } from '../server.dialect.js';
import { IDLE_LIMIT_MS, type ServerSession } from '../server.pool.js';
import { parseTableName, quoteIdentifier, quoteLiteral, siblingOf } from './postgres.names.js';

/** Statements that lead from one version of the schema to the next. */
export type PostgresMigration = (table: string) => readonly string[];

/** Where the versions of the tables of a schema are recorded. */
const VERSIONS = 'nestjs_messenger_schema';

/** The number of the advisory lock that those hold who change tables of this package; no more than a number of our own. */
const LOCK = 7_164_293_511;

/** The table of locks that belongs to a table of messages. */
export function locksOf(name: string): string {
  return siblingOf(name, `${parseTableName(name).table}_locks`);
}

/** The table of the inbox that belongs to a table of messages. */
export function inboxOf(name: string): string {
  return siblingOf(name, `${parseTableName(name).table}_inbox`);
}

/** The table of the roll of workers that belongs to a table of messages. */
export function workersOf(name: string): string {
  return siblingOf(name, `${parseTableName(name).table}_workers`);
}

/**
 * A table for the messages of all queues, and beside it one each for the signals to those who consume them, for locks, and for what
 * idempotent handlers have handled. The index on its age is for those who forget old entries.
 *
 * Of a claimed row, `owner` names the claim and `lease_expires_at` its end; both are NULL otherwise. No index has them, and the
 * pages keep room, so that a claim and its end touch one page of the table and no index (a "HOT" update). What is claimed keeps its
 * place in the index, so there is nothing to do for what nobody kept alive.
 *
 * Rows come and go, so the usual settings, made for tables that grow, would let dead ones pile up: the table is vacuumed after a
 * number of changes, whatever its size.
 */
const createTable: PostgresMigration = (name) => {
  const table = quoteIdentifier(name);
  const bare = parseTableName(name).table;
  const max = Number.MAX_SAFE_INTEGER;
  return [
    `CREATE TABLE ${table} (
  id BIGINT GENERATED ALWAYS AS IDENTITY (MAXVALUE ${max}) PRIMARY KEY,
  queue_name TEXT NOT NULL,
  body TEXT NOT NULL,
  body_kind SMALLINT NOT NULL DEFAULT 0,
  headers TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  available_at BIGINT NOT NULL,
  delivery_count INTEGER NOT NULL DEFAULT 0,
  owner TEXT,
  lease_expires_at BIGINT,
  CHECK (available_at BETWEEN 0 AND ${max}),
  CHECK ((owner IS NULL) = (lease_expires_at IS NULL))
) WITH (
  fillfactor = 60,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 10000,
  autovacuum_vacuum_insert_scale_factor = 0,
  autovacuum_vacuum_insert_threshold = 100000,
  autovacuum_analyze_scale_factor = 0,
  autovacuum_analyze_threshold = 20000,
  autovacuum_vacuum_cost_delay = 0
)`,
    `CREATE INDEX ${quoteIdentifier(`${bare}_due`)} ON ${table} (queue_name, available_at, id)`,
    `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(siblingOf(name, `${bare}_signals`))} (name TEXT PRIMARY KEY, given_at BIGINT NOT NULL)`,
    `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(locksOf(name))} (
  queue_name TEXT NOT NULL,
  lock_key TEXT NOT NULL,
  token TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (queue_name, lock_key)
)`,
    `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(inboxOf(name))} (
  message_id TEXT NOT NULL,
  handler_name TEXT NOT NULL,
  handled_at BIGINT NOT NULL,
  PRIMARY KEY (message_id, handler_name)
)`,
    `CREATE INDEX IF NOT EXISTS ${quoteIdentifier(`${bare}_inbox_age`)} ON ${quoteIdentifier(inboxOf(name))} (handled_at)`,
    `CREATE INDEX IF NOT EXISTS ${quoteIdentifier(`${bare}_locks_expires_at`)} ON ${quoteIdentifier(locksOf(name))} (expires_at)`,
  ];
};

/** The roll of the workers. Times are epoch milliseconds. */
const createWorkers: PostgresMigration = (name) => [
  `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(workersOf(name))} (
  id TEXT PRIMARY KEY,
  details TEXT NOT NULL,
  entered_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
)`,
];

/** Servers that were made in the same way number their databases and tables alike, but do not start in the same microsecond. */
export async function whereaboutsOf(connection: SqlConnection, name: string): Promise<string | undefined> {
  const { rows } = await connection.query(
    `SELECT to_regclass($1::text)::oid::text || ' ' || current_database() || ' ' || pg_postmaster_start_time()::text AS place`,
    [quoteIdentifier(name)],
  );
  const place = rows[0]?.['place'];
  return typeof place === 'string' ? place : undefined;
}

/** All migrations so far. */
export const POSTGRES_MIGRATIONS: readonly PostgresMigration[] = [createTable, createWorkers];

/** The schema of one table in PostgreSQL. */
export class PostgresSchemaSteps implements ServerSchemaSteps {
  readonly migrations: ReadonlyArray<readonly string[]>;
  readonly createVersions: string;
  readonly #name: string;
  readonly #table: string;
  readonly #versions: string;

  constructor(name: string, migrations: readonly PostgresMigration[] = POSTGRES_MIGRATIONS) {
    this.#name = name;
    this.#table = parseTableName(name).table;
    this.#versions = quoteIdentifier(siblingOf(name, VERSIONS));
    this.migrations = migrations.map((migration) => migration(name));
    this.createVersions = `CREATE TABLE IF NOT EXISTS ${this.#versions} (table_name TEXT PRIMARY KEY, version INTEGER NOT NULL)`;
  }

  recordVersionSql(version: number): string {
    return this.#recordSql(quoteLiteral(this.#table), String(version));
  }

  async recordVersion(connection: SqlConnection, version: number): Promise<void> {
    await connection.query(this.#recordSql('$1', '$2'), [this.#table, version]);
  }

  async version(connection: SqlConnection): Promise<number | 'foreign'> {
    const found = await this.#find(connection, this.#table, VERSIONS);
    const recorded = found.has(VERSIONS) ? await this.#recorded(connection) : undefined;
    return found.has(this.#table) ? (recorded ?? 'foreign') : 0;
  }

  exclusively(session: ServerSession, work: (connection: SqlConnection) => Promise<void>): Promise<void> {
    return session.transaction(async (transaction) => {
      await transaction.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
      await work(transaction);
    }, IDLE_LIMIT_MS);
  }

  async identity(connection: SqlConnection): Promise<string> {
    const found = await this.#find(connection, this.#table);
    return `${found.get(this.#table)}.${this.#table}`;
  }

  /**
   * The schemas of those tables that there are, by their names. `to_regclass` is no use: what it knows may be older than a lock that
   * was waited for.
   */
  async #find(connection: SqlConnection, ...tables: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { schema } = parseTableName(this.#name);
    const place = schema === undefined ? 'pg_table_is_visible(pg_class.oid)' : 'nspname = $2';
    const { rows } = await connection.query(
      `SELECT nspname::text AS place, relname::text AS name
       FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
       WHERE relname = ANY ($1::text[]) AND ${place}`,
      schema === undefined ? [tables] : [tables, schema],
    );
    return new Map(rows.map((row) => [String(row['name']), String(row['place'])]));
  }

  async #recorded(connection: SqlConnection): Promise<number | undefined> {
    const sql = `SELECT version FROM ${this.#versions} WHERE table_name = $1`;
    const { rows } = await connection.query(sql, [this.#table]);
    return rows[0] === undefined ? undefined : Number(rows[0]['version']);
  }

  #recordSql(table: string, version: string): string {
    return (
      `INSERT INTO ${this.#versions} (table_name, version) VALUES (${table}, ${version}) ` +
      'ON CONFLICT (table_name) DO UPDATE SET version = excluded.version'
    );
  }
}
