import { randomBytes } from 'node:crypto';

import { postgresStatements } from '../harness/statements.mjs';
import { openMeter } from '../harness/statement-meter.mjs';

const DEFAULT_URL = 'postgres://root@127.0.0.1:5432/test';

/** The tables of a schema of that name, and those in the default schema whose names begin with it. */
const TABLES = `
  SELECT format('%I.%I', nspname, relname) AS name, relkind AS kind
  FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
  WHERE relkind IN ('r', 'p')
    AND (nspname = $1 OR (nspname = current_schema() AND starts_with(relname, $1)))
`;

const FUNCTIONS = `
  SELECT pg_proc.oid::regprocedure AS name
  FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
  WHERE nspname = current_schema() AND starts_with(proname, $1)
`;

/**
 * A name in a PostgreSQL database: that of a schema, and of what is outside of it. The address is the server's URL with
 * the database and the name as its path.
 *
 * @type {import('../types.d.ts').Transport}
 */
export default {
  name: 'postgres',
  async open() {
    const url = serverUrl(process.env.BENCH_POSTGRES_URL ?? DEFAULT_URL);
    const client = await connect(url);
    const name = `messenger_bench_${randomBytes(6).toString('hex')}`;
    url.pathname += `/${name}`;
    return {
      address: url.href,
      filled: () => vacuum(client, name),
      meter: () => openMeter(url.href, postgresStatements),
      async close() {
        await removeAll(client, name);
        await client.end();
      },
    };
  },
};

function serverUrl(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isServer =
    url !== undefined && ['postgres:', 'postgresql:'].includes(url.protocol) && url.hostname !== '';
  if (isServer && /^\/[^/]+$/.test(url.pathname) && url.search === '') return url;
  throw new Error(
    'BENCH_POSTGRES_URL must be like postgres://user:password@host:5432/database, without a query.',
  );
}

/** Imported on use: the harness loads every transport, also before the drivers are installed. */
async function connect(url) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url.href });
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw new Error(
      `PostgreSQL at ${url.host}${url.pathname} opens no connection (${error.message || error.code}). ` +
        'Start it or name another server, user or database by BENCH_POSTGRES_URL.',
      { cause: error },
    );
  }
}

/** What autovacuum does within a minute: done in the middle of a measurement, it would be measured. */
async function vacuum(client, name) {
  const { rows } = await client.query(TABLES, [name]);
  for (const table of rows.filter(({ kind }) => kind === 'r')) {
    await client.query(`VACUUM (ANALYZE) ${table.name}`);
  }
}

async function removeAll(client, name) {
  await client.query('SET client_min_messages = warning');
  await client.query(`DROP SCHEMA IF EXISTS ${name} CASCADE`);
  const { rows: tables } = await client.query(TABLES, [name]);
  for (const table of tables) await client.query(`DROP TABLE IF EXISTS ${table.name} CASCADE`);
  const { rows: functions } = await client.query(FUNCTIONS, [name]);
  for (const routine of functions) await client.query(`DROP FUNCTION IF EXISTS ${routine.name} CASCADE`);
}
