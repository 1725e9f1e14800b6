import pg from 'pg';
import { afterAll, onTestFinished } from 'vitest';
import { Dsn } from '../../../lib/transport/dsn.js';
import { MysqlTransportFactory } from '../../../lib/transports/sql/server/mysql/mysql.transport-factory.js';
import { PostgresTransportFactory } from '../../../lib/transports/sql/server/postgres/postgres.transport-factory.js';
import type { SqlTransport } from '../../../lib/transports/sql/sql.transport.js';
import * as sharedMysql from '../mysql/support/shared-mysql.js';
import { postgresDsn, sharedPostgresUrl, uniqueName } from '../postgres/support/shared-postgres.js';
import { database, inTransaction, openStore, serializer, temporaryFile } from './support.js';

/** Where an application keeps its data and its outbox; one of its own for each test. */
export interface Place {
  /** A transport with connections of its own, as another process has. */
  openStore(options?: StoreOptions): SqlTransport;
  /** Runs `work` in a transaction of the application: committed if it resolves. */
  transaction<T>(work: (transaction: object) => Promise<T>): Promise<T>;
}

export interface StoreOptions {
  /** Seconds. */
  readonly redeliverTimeout?: number;
  /** @default a queue of the test's own */
  readonly queueName?: string;
}

/** A kind of database that keeps outboxes. */
export interface Kind {
  readonly name: string;
  readonly open: () => Place;
}

const sqlite: Kind = {
  name: 'an SQLite file',
  open() {
    const file = temporaryFile();
    const app = database(file);
    return {
      openStore: ({ redeliverTimeout = 60, queueName = 'default' } = {}) =>
        openStore(file, `?redeliver_timeout=${redeliverTimeout}&queue_name=${queueName}`),
      transaction: (work) => inTransaction(app, () => work(app)),
    };
  },
};

/** A table of its own for each file of tests, which is removed after them. */
export function postgresTable(): string {
  const table = uniqueName('outbox');
  afterAll(async () => {
    const client = await connected();
    const belongings = ['', '_signals', '_locks', '_inbox', '_workers'].map(
      (suffix) => `"${table}${suffix}"`,
    );
    await client.query(`DROP TABLE IF EXISTS ${belongings.join(', ')}`);
    await client.query('DELETE FROM nestjs_messenger_schema WHERE table_name = $1', [table]);
    await client.end();
  });
  return table;
}

export function openPostgresStore(table: string, queueName: string, redeliverTimeout = 60): SqlTransport {
  const dsn = new Dsn(postgresDsn({ table_name: table, queue_name: queueName, pool_size: '3' }), 'db');
  const context = { transportName: 'db', serializer: serializer() };
  const transport = new PostgresTransportFactory().create(dsn, { redeliverTimeout }, context);
  onTestFinished(() => transport.close());
  return transport;
}

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: sharedPostgresUrl().href });
  await client.connect();
  return client;
}

/** A connection of the application, until the end of the test. */
export async function openClient(): Promise<pg.Client> {
  const client = await connected();
  onTestFinished(() => client.end());
  return client;
}

/** Runs `work` in a transaction of the application. */
export async function inPostgresTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

function postgres(): Kind {
  const table = postgresTable();
  return {
    name: 'PostgreSQL',
    open() {
      const queue = uniqueName('q');
      let client: Promise<pg.Client> | undefined;
      return {
        openStore: ({ redeliverTimeout, queueName = queue } = {}) =>
          openPostgresStore(table, queueName, redeliverTimeout),
        transaction: async (work) => {
          const app = await (client ??= openClient());
          return inPostgresTransaction(app, () => work(app));
        },
      };
    },
  };
}

function mysql(): Kind {
  const table = uniqueName('outbox');
  const pool = sharedMysql.openPool();
  afterAll(async () => {
    await sharedMysql.dropTable(pool, table);
    await pool.end();
  });
  return {
    name: 'MariaDB',
    open() {
      const queue = uniqueName('q');
      return {
        openStore: ({ redeliverTimeout = 60, queueName = queue } = {}) => {
          const dsn = sharedMysql.mysqlDsn({ table_name: table, queue_name: queueName, pool_size: '3' });
          const context = { transportName: 'db', serializer: serializer() };
          const transport = new MysqlTransportFactory().create(
            new Dsn(dsn, 'db'),
            { redeliverTimeout },
            context,
          );
          onTestFinished(() => transport.close());
          return transport;
        },
        transaction: async (work) => {
          const connection = await pool.getConnection();
          try {
            await connection.beginTransaction();
            const result = await work(connection);
            await connection.commit();
            return result;
          } catch (error) {
            await connection.rollback();
            throw error;
          } finally {
            connection.release();
          }
        },
      };
    },
  };
}

/** Every database that keeps outboxes. To be called once in a file of tests. */
export function kindsOfDatabase(): readonly Kind[] {
  return [sqlite, postgres(), mysql()];
}
