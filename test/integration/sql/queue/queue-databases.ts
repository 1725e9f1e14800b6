import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conformanceSerializer } from '../../../../lib/testing/conformance/conformance-serializer.js';
import { FakeClock } from '../../../../lib/testing/fake-clock.js';
import { Dsn } from '../../../../lib/transport/dsn.js';
import type { TransportFactory } from '../../../../lib/transport/transport-factory.js';
import { MysqlTransportFactory } from '../../../../lib/transports/sql/server/mysql/mysql.transport-factory.js';
import { PostgresTransportFactory } from '../../../../lib/transports/sql/server/postgres/postgres.transport-factory.js';
import type { SqlTransport } from '../../../../lib/transports/sql/sql.transport.js';
import { SqliteTransportFactory } from '../../../../lib/transports/sql/sqlite/sqlite.transport-factory.js';
import * as mysql from '../../mysql/support/shared-mysql.js';
import * as postgres from '../../postgres/support/shared-postgres.js';

/** Opens a transport on a queue of one of the two tables. */
export type Open = (table: 'first' | 'second', queue: string) => SqlTransport;

/** A database that queues are tried on. */
export interface QueueDatabase {
  /** Its time passes by itself. */
  readonly hasOwnClock: boolean;
  /** How many schedules take a few seconds. */
  readonly fewSchedules: number;
  /** The ids that were seen. */
  readonly usedIds: Set<string>;
  /** A process of an application: what it opens shares connections. */
  process(): Open;
  /** Lets time pass for some queues. */
  pass(ms: number, queues: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** The databases, by their names. */
export const DATABASES: Readonly<Record<string, (leaseMs: number) => QueueDatabase>> = {
  'SQLite (@photostructure/sqlite)': sqliteDatabase('@photostructure/sqlite'),
  'SQLite (libsql)': sqliteDatabase('libsql'),
  PostgreSQL: serverDatabase(() => new PostgresTransportFactory(), postgres.postgresDsn, postgres),
  // Rows whose times are moved come before the place where a claim begins.
  MariaDB: serverDatabase(() => new MysqlTransportFactory({ trustStartsFor: 0 }), mysql.mysqlDsn, mysql),
};

/** A file and a clock that stands still. */
function sqliteDatabase(driver: string): (leaseMs: number) => QueueDatabase {
  return (leaseMs) => {
    const folder = mkdtempSync(join(tmpdir(), 'messenger-queue-'));
    const clock = new FakeClock();
    const dsnOf = (query: Readonly<Record<string, string>>): string =>
      `sqlite:${join(folder, 'messages.db')}?${new URLSearchParams(query).toString()}`;
    return {
      hasOwnClock: false,
      fewSchedules: 30,
      usedIds: new Set(),
      process: () =>
        opener(new SqliteTransportFactory({ clock }), dsnOf, { driver, redeliverTimeout: leaseMs / 1000 }),
      pass: (ms) => clock.advance(ms),
      close: async () => rmSync(folder, { recursive: true, force: true }),
    };
  };
}

/** What the tests on a server share. */
interface SharedServer<P> {
  uniqueName(prefix: string): string;
  openPool(): P;
  dropTable(pool: P, table: string): Promise<void>;
}

/** Two tables on a server, whose clock cannot be moved: instead, what the rows wait for comes nearer. */
function serverDatabase<P extends { query(sql: string): Promise<unknown>; end(): Promise<void> }>(
  newFactory: () => TransportFactory,
  dsnOf: (query: Readonly<Record<string, string>>) => string,
  server: SharedServer<P>,
): (leaseMs: number) => QueueDatabase {
  return (leaseMs) => {
    const pool = server.openPool();
    const tables = { first: server.uniqueName('schedule'), second: server.uniqueName('schedule') };
    const options = { redeliverTimeout: leaseMs / 1000, poolSize: 3 };
    return {
      hasOwnClock: true,
      fewSchedules: 8,
      usedIds: new Set(),
      process: () => {
        const open = opener(newFactory(), dsnOf, options);
        return (table, queue) => open(tables[table], queue);
      },
      async pass(ms, queues) {
        const names = queues.map((queue) => `'${queue}'`).join(', ');
        const columns = ['created_at', 'available_at', 'lease_expires_at'];
        const sooner = columns.map((column) => `${column} = ${column} - ${ms}`);
        const update = (table: string): Promise<unknown> =>
          pool.query(`UPDATE ${table} SET ${sooner.join(', ')} WHERE queue_name IN (${names})`);
        await Promise.all(Object.values(tables).map(update));
      },
      async close() {
        await server.dropTable(pool, tables.first);
        await server.dropTable(pool, tables.second);
        await pool.end();
      },
    };
  };
}

function opener(
  factory: TransportFactory,
  dsnOf: (query: Readonly<Record<string, string>>) => string,
  options: Readonly<Record<string, unknown>>,
): (table: string, queue: string) => SqlTransport {
  return (table, queue) => {
    const dsn = new Dsn(dsnOf({ table_name: table, queue_name: queue }), queue);
    const context = { transportName: queue, serializer: conformanceSerializer() };
    return factory.create(dsn, options, context) as SqlTransport;
  };
}
