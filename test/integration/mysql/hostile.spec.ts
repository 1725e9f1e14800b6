import type { Pool } from 'mysql2/promise';
import { afterAll, beforeAll } from 'vitest';
import {
  describeHostile,
  describeLongNames,
  describeStrangeNames,
  type HostilePlace,
} from '../../fixtures/hostile-suite.js';
import { dropTable, insertRaw, mysqlDsn, openPool, uniqueName } from './support/shared-mysql.js';

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
    dsn: mysqlDsn({ table_name: table, queue_name: queue }),
    failureDsn: mysqlDsn({ table_name: table, queue_name: `${queue.slice(0, 60)}_failed` }),
    insert: (headers, body) => insertRaw(pool, table, queue, { headers, body }),
    takesLarge: false,
  };
}

describeHostile('MySQL', () => placeIn(uniqueName('async')));
describeStrangeNames('MySQL', (name) => placeIn(`${uniqueName('async')} ${name}`));
describeLongNames(
  'MySQL',
  {
    longest: () =>
      Array.from(`${uniqueName('async')}${'😀'.repeat(190)}`)
        .slice(0, 190)
        .join(''),
    refusal: /190 characters at most/,
  },
  placeIn,
);
