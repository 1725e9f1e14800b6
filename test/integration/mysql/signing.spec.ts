import type { Pool } from 'mysql2/promise';
import { afterAll, beforeAll } from 'vitest';
import { describeSigning } from '../../fixtures/signing-suite.js';
import { dropTable, insertRaw, mysqlDsn, openPool, uniqueName } from './support/shared-mysql.js';

const table = uniqueName('signing');
let pool: Pool;

beforeAll(() => {
  pool = openPool();
});

afterAll(async () => {
  await dropTable(pool, table);
  await pool.end();
});

describeSigning('MySQL', () => {
  const queue = uniqueName('async');
  return {
    dsn: mysqlDsn({ table_name: table, queue_name: queue }),
    failureDsn: mysqlDsn({ table_name: table, queue_name: `${queue}_failed` }),
    insert: (headers, body) => insertRaw(pool, table, queue, { headers, body }),
  };
});
