import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { ConformanceContext } from '../../../lib/testing/conformance/conformance-options.js';
import { transportConformance } from '../../../lib/testing/transport-conformance.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { PostgresTransportFactory } from '../../../lib/transports/sql/server/postgres/postgres.transport-factory.js';
import type { SqlTransport } from '../../../lib/transports/sql/sql.transport.js';
import { dropTable, insertRaw, openPool, postgresDsn, uniqueName } from './support/shared-postgres.js';

describe.each([{ use_notify: 'true' }, { use_notify: 'false' }])('PostgreSQL transport with %j', (query) => {
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
    const make = (factory: PostgresTransportFactory, queue: string): SqlTransport =>
      factory.create(
        new Dsn(postgresDsn({ ...query, table_name: table, queue_name: queue }), transportName),
        { redeliverTimeout: leaseDuration / 1000, poolSize: 3, pollInterval: 200 },
        context,
      );
    const factory = new PostgresTransportFactory();
    const transport = make(factory, queueName);
    return {
      transport,
      second: () => make(new PostgresTransportFactory(), queueName),
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
