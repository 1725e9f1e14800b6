import type { Pool } from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { storeBody } from '../../../lib/transports/sql/server/postgres/postgres.body.js';
import { describeFailureTransport } from '../../fixtures/failure-transport-suite.js';
import { dropTable, postgresDsn, openPool, uniqueName } from './support/shared-postgres.js';

const table = uniqueName('failures');
let pool: Pool;

beforeAll(() => {
  pool = openPool();
});

afterAll(async () => {
  await dropTable(pool, table);
  await pool.end();
});

describeFailureTransport('PostgreSQL', () => {
  const queue = uniqueName('async');
  return {
    dsn: postgresDsn({ table_name: table, queue_name: queue }),
    failureDsn: postgresDsn({ table_name: table, queue_name: `${queue}_failed` }),
    insert: async (headers, body) => {
      const stored = storeBody(body);
      await pool.query(
        `INSERT INTO "${table}" (queue_name, body, body_kind, headers, created_at, available_at) VALUES ($1, $2, $3, $4, 0, $5)`,
        [queue, stored.body, stored.kind, JSON.stringify(headers), Date.now()],
      );
    },
  };
});
