import { randomBytes } from 'node:crypto';

import { mysqlStatements } from '../harness/statements.mjs';
import { openMeter } from '../harness/statement-meter.mjs';

const DEFAULT_URL = 'mysql://root@127.0.0.1:3306/test';

const TABLES = `
  SELECT table_name AS name FROM information_schema.tables
  WHERE table_schema = DATABASE() AND LEFT(table_name, CHAR_LENGTH(?)) = ?
`;

/**
 * The tables of a MySQL or MariaDB database whose names begin with a name. The address is the server's URL with the
 * database and the name as its path.
 *
 * @type {import('../types.d.ts').Transport}
 */
export default {
  name: 'mysql',
  async open() {
    const url = serverUrl(process.env.BENCH_MYSQL_URL ?? DEFAULT_URL);
    const connection = await connect(url);
    const name = `messenger_bench_${randomBytes(6).toString('hex')}`;
    url.pathname += `/${name}`;
    return {
      address: url.href,
      filled: () => analyze(connection, name),
      meter: () => openMeter(url.href, mysqlStatements),
      async close() {
        for (const table of await tablesOf(connection, name)) {
          await connection.query('DROP TABLE IF EXISTS ??', [table]);
        }
        await connection.end();
      },
    };
  },
};

function serverUrl(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isServer = url !== undefined && ['mysql:', 'mariadb:'].includes(url.protocol) && url.hostname !== '';
  if (isServer && /^\/[^/]+$/.test(url.pathname) && url.search === '') return url;
  throw new Error('BENCH_MYSQL_URL must be like mysql://user:password@host:3306/database, without a query.');
}

/** Imported on use: the harness loads every transport, also before the drivers are installed. */
async function connect(url) {
  const { createConnection } = await import('mysql2/promise');
  try {
    return await createConnection({ uri: url.href });
  } catch (error) {
    throw new Error(
      `MySQL at ${url.host}${url.pathname} opens no connection (${error.message || error.code}). ` +
        'Start it or name another server, user or database by BENCH_MYSQL_URL.',
      { cause: error },
    );
  }
}

async function analyze(connection, name) {
  for (const table of await tablesOf(connection, name)) await connection.query('ANALYZE TABLE ??', [table]);
}

async function tablesOf(connection, name) {
  const [rows] = await connection.query(TABLES, [name, name]);
  return rows.map((row) => row.name);
}
