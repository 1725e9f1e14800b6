import type { Pool } from 'mysql2/promise';
import { afterAll, beforeAll } from 'vitest';
import { storeBody } from '../../../lib/transports/sql/server/mysql/mysql.body.js';
import { describeFailureTransport } from '../../fixtures/failure-transport-suite.js';
import { dropTable, mysqlDsn, openPool, uniqueName } from './support/shared-mysql.js';

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
    insert: async (headers, body) => {
      const stored = storeBody(body);
      await pool.query(
        `INSERT INTO \`${table}\` (queue_name, body, body_kind, headers, created_at, available_at) VALUES (?, ?, ?, ?, 0, ?)`,
        [queue, stored.body, stored.kind, JSON.stringify(headers), Date.now()],
      );
    },
  };
});
