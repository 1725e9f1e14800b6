import { Pool } from 'pg';
import { storeBody } from '../../../../lib/transports/sql/server/postgres/postgres.body.js';

/** The server that the tests share, as a URL. */
export function sharedPostgresUrl(): URL {
  return new URL(process.env['TEST_POSTGRES_URL'] ?? 'postgres://root@127.0.0.1:5432/test');
}

/** A DSN on the shared server. */
export function postgresDsn(query: Readonly<Record<string, string>>): string {
  const url = sharedPostgresUrl();
  url.search = new URLSearchParams(query).toString();
  return url.href;
}

/** A connection to the shared server, as another program has it. */
export function openPool(): Pool {
  return new Pool({ connectionString: sharedPostgresUrl().href, max: 4 });
}

/** A name that nothing else has, for a table. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
}

/** Removes a table and what belongs to it. */
export async function dropTable(pool: Pool, table: string): Promise<void> {
  const tables = ['', '_signals', '_locks', '_inbox', '_workers'].map((suffix) => `"${table}${suffix}"`);
  await pool.query(`DROP TABLE IF EXISTS ${tables.join(', ')}`);
  await pool.query('DELETE FROM nestjs_messenger_schema WHERE table_name = $1', [table]);
}

/** Stores a message in a queue as another program may have done it. */
export async function insertRaw(
  pool: Pool,
  table: string,
  queue: string,
  { headers, body }: { readonly headers: object; readonly body: string | Uint8Array },
): Promise<void> {
  const stored = storeBody(body);
  await pool.query(
    `INSERT INTO "${table}" (queue_name, body, body_kind, headers, created_at, available_at) VALUES ($1, $2, $3, $4, 0, $5)`,
    [queue, stored.body, stored.kind, JSON.stringify(headers), Date.now()],
  );
}
