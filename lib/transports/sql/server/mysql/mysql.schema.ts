import type { SqlConnection, SqlResult } from '../../transactions/sql-connection.js';
import type { ServerSchemaSteps } from '../server.dialect.js';
import { MysqlBusyError } from './mysql.busy-error.js';
import { parseTableName, quoteIdentifier, siblingOf } from './mysql.names.js';
import type { MysqlSession } from './mysql.session.js';
import { INDEX } from './mysql.statements.js';
import { inTurn, type MysqlTurn } from './mysql.turn.js';

/** Statements that lead from one version of the schema to the next. Each commits by itself. */
export type MysqlMigration = (table: string) => readonly string[];

/** Where the versions of the tables of a database are recorded. */
const VERSIONS = 'nestjs_messenger_schema';

/** The lock that those hold who change tables of this package. It is one for the whole server. */
const LOCK = 'nestjs_messenger.schema';

/** How long they wait for each other, in seconds. */
const LOCK_PATIENCE = 10;

const TURN: MysqlTurn = {
  take: `SELECT GET_LOCK('${LOCK}', ${LOCK_PATIENCE}) AS is_ours`,
  end: `DO RELEASE_LOCK('${LOCK}')`,
};

/** By this a table is known as ours although no version of it is recorded: whoever was making it did not come to an end. */
const COMMENT = 'messages of nestjs-messenger';

/** What is said of steps that were taken already: a table, column or index that is there, or one that is not there anymore. */
const DONE: readonly unknown[] = [1050, 1060, 1061, 1091];

/** Texts are compared byte by byte, and rows are locked one by one. */
const STORAGE = 'ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';

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
 * idempotent handlers have handled. What is given a name by applications is kept as bytes: texts are equal to MySQL although one of
 * them ends with spaces.
 *
 * Of a claimed row, `owner` names the claim and `lease_expires_at` its end; they are empty and 0 otherwise. No index has them, so that
 * a claim changes no index, and what is claimed keeps its place there. Both always take the same room: a row that grows has to move,
 * and splits its page.
 */
const createTable: MysqlMigration = (name) => [
  `CREATE TABLE ${quoteIdentifier(name)} (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  queue_name VARCHAR(190) NOT NULL,
  body LONGTEXT NOT NULL,
  body_kind TINYINT NOT NULL DEFAULT 0,
  headers LONGTEXT NOT NULL,
  created_at BIGINT NOT NULL,
  available_at BIGINT NOT NULL,
  delivery_count INT NOT NULL DEFAULT 0,
  owner CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  lease_expires_at BIGINT NOT NULL DEFAULT 0,
  KEY ${INDEX} (queue_name, available_at, id)
) ${STORAGE} COMMENT '${COMMENT}'`,
  `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(siblingOf(name, `${parseTableName(name).table}_signals`))} ` +
    `(name VARCHAR(190) NOT NULL PRIMARY KEY, given_at BIGINT NOT NULL) ${STORAGE}`,
  `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(locksOf(name))} (
  queue_name VARCHAR(190) NOT NULL,
  lock_key VARBINARY(500) NOT NULL,
  token VARBINARY(500) NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (queue_name, lock_key),
  KEY expiry (expires_at)
) ${STORAGE}`,
  `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(inboxOf(name))} (
  message_id VARBINARY(700) NOT NULL,
  handler_name VARBINARY(700) NOT NULL,
  handled_at BIGINT NOT NULL,
  PRIMARY KEY (message_id, handler_name),
  KEY age (handled_at)
) ${STORAGE}`,
];

/** The roll of the workers. Times are epoch milliseconds. */
const createWorkers: MysqlMigration = (name) => [
  `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(workersOf(name))} (
  id VARCHAR(255) NOT NULL PRIMARY KEY,
  details TEXT NOT NULL,
  entered_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
) ${STORAGE}`,
];

/** All migrations so far. */
export const MYSQL_MIGRATIONS: readonly MysqlMigration[] = [createTable, createWorkers];

/** The schema of one table in MySQL or MariaDB. */
export class MysqlSchemaSteps implements ServerSchemaSteps {
  readonly migrations: ReadonlyArray<readonly string[]>;
  readonly createVersions: string;
  readonly #database: string | undefined;
  readonly #table: string;
  readonly #versions: string;

  constructor(name: string, migrations: readonly MysqlMigration[] = MYSQL_MIGRATIONS) {
    const { database, table } = parseTableName(name);
    this.#database = database;
    this.#table = table;
    this.#versions = quoteIdentifier(siblingOf(name, VERSIONS));
    this.migrations = migrations.map((migration) => migration(name));
    this.createVersions =
      `CREATE TABLE IF NOT EXISTS ${this.#versions} ` +
      `(table_name VARCHAR(64) NOT NULL PRIMARY KEY, version INT NOT NULL) ${STORAGE}`;
  }

  recordVersionSql(version: number): string {
    // A name of an option: letters, digits and "_".
    return this.#recordSql(`'${this.#table}'`, String(version));
  }

  async recordVersion(connection: SqlConnection, version: number): Promise<void> {
    await connection.query(this.#recordSql('?', '?'), [this.#table, version]);
  }

  async version(connection: SqlConnection): Promise<number | 'foreign'> {
    const found = await this.#find(connection, this.#table, VERSIONS);
    const table = found.get(this.#table);
    if (table === undefined) {
      return 0;
    }
    const recorded = found.has(VERSIONS) ? await this.#recorded(connection) : undefined;
    return recorded ?? (table.comment === COMMENT ? 0 : 'foreign');
  }

  /**
   * MySQL commits with each statement that changes a schema, so there is no transaction to hold a lock, nor one to undo what was begun:
   * it is taken up again.
   *
   * @throws MysqlBusyError when another process does not come to an end.
   */
  async exclusively(
    session: MysqlSession,
    work: (connection: SqlConnection) => Promise<void>,
  ): Promise<void> {
    const done = await inTurn(session, TURN, () =>
      work({ query: (sql, params) => session.query(sql, params).catch(passOver) }),
    );
    if (done === undefined) {
      throw new MysqlBusyError(LOCK);
    }
  }

  async identity(connection: SqlConnection): Promise<string> {
    const found = await this.#find(connection, this.#table);
    return found.get(this.#table)?.identity ?? this.#table;
  }

  /** Those tables that there are, and what the server calls each of them. Some servers take names in either case. */
  async #find(
    connection: SqlConnection,
    ...tables: readonly string[]
  ): Promise<ReadonlyMap<string, FoundTable>> {
    const { rows } = await connection.query(
      `SELECT table_schema AS place, table_name AS name, table_comment AS comment, @@lower_case_table_names AS folds
       FROM information_schema.tables WHERE table_schema = COALESCE(?, DATABASE()) AND table_name IN (?)`,
      [this.#database ?? null, tables],
    );
    const found = new Map<string, FoundTable>();
    for (const { place, name, comment, folds } of rows) {
      const isFolded = Number(folds) !== 0;
      const table = tables.find((each) => foldedIf(isFolded, each) === foldedIf(isFolded, String(name)));
      if (table !== undefined) {
        found.set(table, { identity: foldedIf(isFolded, `${String(place)}.${String(name)}`), comment });
      }
    }
    return found;
  }

  async #recorded(connection: SqlConnection): Promise<number | undefined> {
    const { rows } = await connection.query(
      `SELECT version FROM ${this.#versions}
       WHERE table_name = ? OR (@@lower_case_table_names <> 0 AND LOWER(table_name) = LOWER(?))`,
      [this.#table, this.#table],
    );
    return rows[0] === undefined ? undefined : Number(rows[0]['version']);
  }

  #recordSql(table: string, version: string): string {
    return (
      `INSERT INTO ${this.#versions} (table_name, version) VALUES (${table}, ${version}) ` +
      'ON DUPLICATE KEY UPDATE version = VALUES(version)'
    );
  }
}

interface FoundTable {
  readonly identity: string;
  readonly comment: unknown;
}

function passOver(error: unknown): SqlResult {
  if (DONE.includes((error as { errno?: unknown } | null)?.errno)) {
    return { rows: [], affected: 0 };
  }
  throw error;
}

function foldedIf(isFolded: boolean, name: string): string {
  return isFolded ? name.toLowerCase() : name;
}
