import type { Pool } from 'mysql2/promise';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { ConformanceContext } from '../../../lib/testing/conformance/conformance-options.js';
import { transportConformance } from '../../../lib/testing/transport-conformance.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { MysqlTransportFactory } from '../../../lib/transports/sql/server/mysql/mysql.transport-factory.js';
import type { SqlTransport } from '../../../lib/transports/sql/sql.transport.js';
import { dropTable, insertRaw, mysqlDsn, openPool, uniqueName } from './support/shared-mysql.js';

/** MariaDB by other statements than MySQL, which it understands, too. */
describe.each([{ isMysql: false }, { isMysql: true }])('MySQL transport with %j', (setup) => {
  const table = uniqueName('conformance');
  let pool: Pool;

  beforeAll(() => {
    pool = openPool();
  });

  afterAll(async () => {
    await dropTable(pool, table);
    await pool.end();
  });

  function create(context: ConformanceContext) {
    const { queueName, transportName, leaseDuration } = context;
    const make = (factory: MysqlTransportFactory, queue: string): SqlTransport =>
      factory.create(
        new Dsn(mysqlDsn({ table_name: table, queue_name: queue }), transportName),
        { redeliverTimeout: leaseDuration / 1000, poolSize: 3, pollInterval: 200 },
        context,
      );
    const factory = new MysqlTransportFactory(setup);
    const transport = make(factory, queueName);
    return {
      transport,
      second: () => make(new MysqlTransportFactory(setup), queueName),
      other: () => make(factory, `${queueName}_failed`),
      async insertRaw(message: { body: string | Uint8Array; headers: object }) {
        await transport.setup();
        await insertRaw(pool, table, queueName, message);
      },
    };
  }

  it.concurrent.each([...transportConformance({ name: 'it', shortLease: 600, create })])('$name', ({ run }) =>
    run(),
  );
});
