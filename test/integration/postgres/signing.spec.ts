import type { Pool } from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { describeSigning } from '../../fixtures/signing-suite.js';
import { dropTable, insertRaw, postgresDsn, openPool, uniqueName } from './support/shared-postgres.js';

const table = uniqueName('signing');
let pool: Pool;

beforeAll(() => {
  pool = openPool();
});

afterAll(async () => {
  await dropTable(pool, table);
  await pool.end();
});

describeSigning('PostgreSQL', () => {
  const queue = uniqueName('async');
  return {
    dsn: postgresDsn({ table_name: table, queue_name: queue }),
    failureDsn: postgresDsn({ table_name: table, queue_name: `${queue}_failed` }),
    insert: (headers, body) => insertRaw(pool, table, queue, { headers, body }),
  };
});
