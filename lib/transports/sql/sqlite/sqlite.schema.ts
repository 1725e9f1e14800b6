import { TransportError } from '../../../errors/transport.error.js';
import type { SqliteDatabase } from './sqlite.driver.js';

/** The statements that lead from one version of the schema to the next. */
export type Migration = (table: string) => string;

/**
 * A table for the messages of all queues, and one for the signals to those who consume them.
 *
 * `body` has the type ANY because it keeps a text as text and bytes as bytes. The checks keep out what the drivers
 * cannot read back as a JavaScript number. AUTOINCREMENT, because the id of a message must never name another one later.
 *
 * Of a claimed row, `owner` names the claim and `lease_expires_at` its end; both are NULL otherwise. Each index covers one
 * of these two states only, so that a claim costs the same however many messages wait.
 */
const createTable: Migration = (table) => `
  CREATE TABLE "${table}" (
    id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND ${Number.MAX_SAFE_INTEGER}),
    queue_name TEXT NOT NULL,
    body ANY NOT NULL,
    headers TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    available_at INTEGER NOT NULL CHECK (available_at BETWEEN 0 AND ${Number.MAX_SAFE_INTEGER}),
    delivery_count INTEGER NOT NULL DEFAULT 0 CHECK (delivery_count BETWEEN 0 AND 1000000000),
    owner TEXT,
    lease_expires_at INTEGER CHECK (lease_expires_at BETWEEN 0 AND ${Number.MAX_SAFE_INTEGER}),
    CHECK ((owner IS NULL) = (lease_expires_at IS NULL))
  ) STRICT;
  CREATE INDEX "${table}_ready" ON "${table}" (queue_name, available_at, id) WHERE owner IS NULL;
  CREATE INDEX "${table}_leased" ON "${table}" (queue_name, lease_expires_at) WHERE owner IS NOT NULL;
  CREATE TABLE "${table}_signals" (name TEXT PRIMARY KEY, given_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

/** A table for the locks of `DeduplicateStamp`s. `expires_at` is epoch milliseconds. */
const createLocks: Migration = (table) => `
  CREATE TABLE "${table}_locks" (
    queue_name TEXT NOT NULL,
    lock_key TEXT NOT NULL,
    token TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (queue_name, lock_key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX "${table}_locks_expires_at" ON "${table}_locks" (expires_at);
`;

/**
 * Which handlers have handled which messages. The index is for those who forget the old entries: without it they would read the
 * whole table every minute.
 */
const createInbox: Migration = (table) => `
  CREATE TABLE "${table}_inbox" (
    message_id TEXT NOT NULL,
    handler_name TEXT NOT NULL,
    handled_at INTEGER NOT NULL,
    PRIMARY KEY (message_id, handler_name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX "${table}_inbox_age" ON "${table}_inbox" (handled_at);
`;

/** The roll of the workers. Times are epoch milliseconds. */
const createWorkers: Migration = (table) => `
  CREATE TABLE "${table}_workers" (
    id TEXT PRIMARY KEY,
    details TEXT NOT NULL,
    entered_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** All migrations so far; the schema's version is the number of those that were applied. */
export const MIGRATIONS: readonly Migration[] = [createTable, createLocks, createInbox, createWorkers];

/** A table of our own rather than `PRAGMA user_version`: that belongs to the application whose file this may be. */
const VERSIONS = 'nestjs_messenger_schema';

const CREATE_VERSIONS = `CREATE TABLE IF NOT EXISTS ${VERSIONS} (table_name TEXT PRIMARY KEY COLLATE NOCASE, version INTEGER NOT NULL) STRICT`;

/** The statements that make `table` in a file without one. */
export function setupScript(table: string): readonly string[] {
  const statements = MIGRATIONS.flatMap((migration) => migration(table).split(/;\s*(?:\n|$)/));
  return [
    ...statements.map((statement) => statement.trim()).filter((statement) => statement !== ''),
    CREATE_VERSIONS,
    `INSERT INTO ${VERSIONS} (table_name, version) VALUES ('${table}', ${MIGRATIONS.length})`,
  ];
}

/** Finds out which version of the schema a table has, and brings it to the current one. */
export class SqliteSchema {
  readonly #database: SqliteDatabase;
  readonly #table: string;
  readonly #migrations: readonly Migration[];
  readonly #transportName: string;

  constructor(
    database: SqliteDatabase,
    table: string,
    transportName: string,
    migrations: readonly Migration[] = MIGRATIONS,
  ) {
    this.#database = database;
    this.#table = table;
    this.#transportName = transportName;
    this.#migrations = migrations;
  }

  /**
   * Checks that the table is the one this version works with.
   *
   * @throws TransportError when it is missing, older, newer, or not ours.
   */
  verify(): void {
    const version = this.#version();
    if (version < this.#migrations.length) {
      this.#assertOurs(version);
      throw this.#error(
        version === 0
          ? `the table "${this.#table}" does not exist. Run "setup-transports", or set "auto_setup" to true.`
          : `the table "${this.#table}" has schema version ${version}, this package needs ${this.#migrations.length}. ` +
              'Run "setup-transports", or set "auto_setup" to true.',
      );
    }
  }

  /**
   * Whether {@link migrate} has nothing to do.
   *
   * @throws TransportError when the table is newer than this package.
   */
  get isCurrent(): boolean {
    return this.#version() === this.#migrations.length;
  }

  /**
   * Creates or upgrades the table in one transaction; does nothing to one that is up to date.
   *
   * @throws TransportError when the table is newer than this package, or not ours.
   */
  migrate(): void {
    if (this.isCurrent) {
      return;
    }
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      // Read again: another process may have done it while this one waited for the lock.
      const version = this.#version();
      this.#assertOurs(version);
      for (const migration of this.#migrations.slice(version)) {
        this.#database.exec(migration(this.#table));
      }
      this.#recordVersion();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  #rollBack(): void {
    try {
      this.#database.exec('ROLLBACK');
    } catch {
      // SQLite has done it already, as it does when it cannot write. What went wrong is told by the first error.
    }
  }

  #version(): number {
    if (!this.#exists(VERSIONS)) {
      return 0;
    }
    const row = this.#database
      .prepare(`SELECT version FROM ${VERSIONS} WHERE table_name = ?`)
      .get(this.#table);
    const version = (row as { version: number } | undefined)?.version ?? 0;
    if (version > this.#migrations.length) {
      throw this.#error(
        `the table "${this.#table}" has schema version ${version}, but this version of nestjs-messenger knows ` +
          `${this.#migrations.length} at most. Upgrade the package in this application, or use another file.`,
      );
    }
    return version;
  }

  #assertOurs(version: number): void {
    if (version === 0 && this.#exists(this.#table)) {
      throw this.#error(
        `the table "${this.#table}" exists already and was not made by this transport. ` +
          'Choose another "table_name", or another file.',
      );
    }
  }

  #exists(table: string): boolean {
    const row = this.#database.prepare(
      "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE",
    );
    return row.get(table) !== undefined;
  }

  #recordVersion(): void {
    this.#database.exec(CREATE_VERSIONS);
    this.#database
      .prepare(
        `INSERT INTO ${VERSIONS} (table_name, version) VALUES (?, ?) ON CONFLICT DO UPDATE SET version = excluded.version`,
      )
      .run(this.#table, this.#migrations.length);
  }

  #error(what: string): TransportError {
    return new TransportError(this.#transportName, what);
  }
}
