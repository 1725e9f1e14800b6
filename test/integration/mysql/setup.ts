import type { Pool } from 'mysql2/promise';
import { onTestFinished } from 'vitest';
import type { Envelope } from '../../../lib/envelope/envelope.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import {
  MysqlTransportFactory,
  type MysqlTransportFactorySetup,
} from '../../../lib/transports/sql/server/mysql/mysql.transport-factory.js';
import type { SettleResult } from '../../../lib/transport/transport.js';
import type { SqlTransport } from '../../../lib/transports/sql/sql.transport.js';
import { eventually } from '../redis/support/eventually.js';
import { NoteSerializer, textsOf } from '../sqlite/setup.js';
import { dropTable, mysqlDsn, openPool, uniqueName } from './support/shared-mysql.js';

export { note, Note, only } from '../sqlite/setup.js';
export { textsOf };

/** What one process of an application has: a factory, and its transports on one table. */
export interface Application {
  /** What its claims are called. */
  readonly consumer: string;
  /** A transport on the table, closed after the test. */
  readonly open: (options?: Readonly<Record<string, unknown>>, transportName?: string) => SqlTransport;
}

export interface Place {
  readonly table: string;
  /** Connections as another program has them. */
  readonly pool: Pool;
  readonly application: (setup?: MysqlTransportFactorySetup) => Application;
}

/** A table of its own on the shared server, removed after the test. */
export function place(): Place {
  const table = uniqueName('t');
  const pool = openPool();
  onTestFinished(async () => {
    await dropTable(pool, table);
    await pool.end();
  });
  return { table, pool, application: (setup) => applicationOn(mysqlDsn({ table_name: table }), setup) };
}

export function applicationOn(dsn: string, setup: MysqlTransportFactorySetup = {}): Application {
  const consumer = uniqueName('app');
  const factory = new MysqlTransportFactory({ consumer, ...setup });
  return {
    consumer,
    open(options = {}, transportName = 'async') {
      const context = { transportName, serializer: new NoteSerializer() };
      const transport = factory.create(new Dsn(dsn, transportName), options, context);
      onTestFinished(() => transport.close());
      return transport;
    },
  };
}

/** The texts of what was not settled, because its claim did not hold. */
export function lostOf(result: SettleResult): readonly string[] {
  return result === undefined ? [] : textsOf(result.lost);
}

/** Receives until there are `count`. */
export async function receive(transport: SqlTransport, count: number): Promise<readonly Envelope[]> {
  const received: Envelope[] = [];
  await eventually(`${count} messages had been received`, async () => {
    received.push(...(await transport.get({ max: count - received.length, wait: 500 })));
    return received.length >= count;
  });
  return received;
}

interface Row {
  readonly id: number;
}

/** The connections that wait for the answer to a statement with this text. */
export async function connectionsOn(pool: Pool, text: string): Promise<readonly number[]> {
  const [rows] = await pool.query(
    'SELECT id FROM information_schema.processlist WHERE info LIKE ? AND id <> CONNECTION_ID()',
    [`%${text}%`],
  );
  return (rows as unknown as readonly Row[]).map(({ id }) => id);
}
