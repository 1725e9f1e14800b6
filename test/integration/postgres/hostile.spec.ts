import type { Pool } from 'pg';
import { afterAll, beforeAll } from 'vitest';
import {
  describeHostile,
  describeLongNames,
  describeStrangeNames,
  type HostilePlace,
} from '../../fixtures/hostile-suite.js';
import { dropTable, insertRaw, postgresDsn, openPool, uniqueName } from './support/shared-postgres.js';

const table = uniqueName('hostile');
let pool: Pool;

beforeAll(() => {
  pool = openPool();
});

afterAll(async () => {
  await dropTable(pool, table);
  await pool.end();
});

function placeIn(queue: string): HostilePlace {
  return {
    dsn: postgresDsn({ table_name: table, queue_name: queue }),
    failureDsn: postgresDsn({ table_name: table, queue_name: `${queue.slice(0, 60)}_failed` }),
    insert: (headers, body) => insertRaw(pool, table, queue, { headers, body }),
  };
}

describeHostile('PostgreSQL', () => placeIn(uniqueName('async')));
describeStrangeNames('PostgreSQL', (name) => placeIn(`${uniqueName('async')} ${name}`));
describeLongNames(
  'PostgreSQL',
  {
    longest: () =>
      Array.from(`${uniqueName('async')}${'😀'.repeat(190)}`)
        .slice(0, 190)
        .join(''),
    refusal: /190 characters at most/,
  },
  placeIn,
);
