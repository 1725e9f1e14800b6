import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import pg from 'pg';
import type { SqlDialectName } from '../../../../lib/transports/sql/transactions/sql-connection.js';

export const POSTGRES_URL =
  process.env['MESSENGER_TEST_POSTGRES_URL'] ?? 'postgres://root@127.0.0.1:5432/test';
export const MYSQL_URL = process.env['MESSENGER_TEST_MYSQL_URL'] ?? 'mysql://root@127.0.0.1:3306/test';

/** A row as another connection sees it. */
export interface StoredRow {
  readonly body: string;
  readonly headers: string;
  /** As text: it may exceed a number. */
  readonly size: string;
  /** libsql hands out an ArrayBuffer. */
  readonly data: Uint8Array | ArrayBuffer;
  readonly note: string | null;
}

/** A table of the test's own in a database, seen over a connection of its own. */
export interface TestDatabase {
  readonly dialect: SqlDialectName;
  readonly table: string;
  rows(): Promise<readonly StoredRow[]>;
  /** Removes the table. */
  close(): Promise<void>;
}

function newTableName(): string {
  return `tx_${randomUUID().replaceAll('-', '')}`;
}

export async function openPostgres(): Promise<TestDatabase> {
  const client = new pg.Client({ connectionString: POSTGRES_URL });
  await client.connect();
  const table = newTableName();
  await client.query(
    `CREATE TABLE ${table} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      body text NOT NULL, headers jsonb NOT NULL, size bigint, data bytea, note text)`,
  );
  return {
    dialect: 'postgres',
    table,
    rows: async () =>
      (
        await client.query<StoredRow>(
          `SELECT body, headers::text, size::text, data, note FROM ${table} ORDER BY id`,
        )
      ).rows,
    close: async () => {
      await client.query(`DROP TABLE ${table}`);
      await client.end();
    },
  };
}

export async function openMysql(): Promise<TestDatabase> {
  const connection = await mysql.createConnection(MYSQL_URL);
  const table = newTableName();
  await connection.query(
    `CREATE TABLE ${table} (id bigint AUTO_INCREMENT PRIMARY KEY, body longtext NOT NULL,
      headers longtext NOT NULL, size bigint, data longblob, note text) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
  );
  return {
    dialect: 'mysql',
    table,
    rows: async () => {
      const sql = `SELECT body, headers, CAST(size AS char) AS size, data, note FROM ${table} ORDER BY id`;
      const [rows] = await connection.query(sql);
      return rows as unknown as readonly StoredRow[];
    },
    close: async () => {
      await connection.query(`DROP TABLE ${table}`);
      await connection.end();
    },
  };
}

/** The part of a driver of SQLite that is used. */
export type SqliteDriver = new (file: string) => {
  exec(sql: string): unknown;
  prepare(sql: string): { all(): unknown };
  close(): unknown;
};

/**
 * In a file of its own.
 *
 * @param Database the driver that the library under test uses: two builds of SQLite in one process that open one file drop each
 * other's locks, and ruin it.
 */
export function openSqlite(Database: SqliteDriver): TestDatabase & { readonly file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'messenger-transactions-'));
  const file = join(folder, 'test.db');
  const database = new Database(file);
  const table = newTableName();
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(
    `CREATE TABLE ${table} (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, headers TEXT NOT NULL,
      size INTEGER, data BLOB, note TEXT)`,
  );
  const select = `SELECT body, headers, CAST(size AS TEXT) AS size, data, note FROM ${table} ORDER BY id`;
  return {
    dialect: 'sqlite',
    table,
    file,
    rows: () => Promise.resolve(database.prepare(select).all() as StoredRow[]),
    close: () => {
      database.close();
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}
