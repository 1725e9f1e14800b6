import type { Pool } from 'mysql2/promise';
import { afterAll, beforeAll } from 'vitest';
import { describeFailureTransport } from '../../fixtures/failure-transport-suite.js';
import { dropTable, insertRaw, mysqlDsn, openPool, uniqueName } from './support/shared-mysql.js';

const table = uniqueName('failures');
let pool: Pool;

beforeAll(() => {
  pool = openPool();
});

afterAll(async () => {
  await dropTable(pool, table);
  await pool.end();
});

describeFailureTransport('MySQL', () => {
  const queue = uniqueName('async');
  return {
    dsn: mysqlDsn({ table_name: table, queue_name: queue }),
    failureDsn: mysqlDsn({ table_name: table, queue_name: `${queue}_failed` }),
    insert: (headers, body) => insertRaw(pool, table, queue, { headers, body }),
  };
});
