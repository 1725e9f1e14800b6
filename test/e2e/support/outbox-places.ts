import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { onTestFinished } from 'vitest';
import { loadSqliteDriver } from '../../../lib/transports/sql/sqlite/sqlite.driver.js';
import {
  postgresDsn,
  sharedPostgresUrl,
  uniqueName,
} from '../../integration/postgres/support/shared-postgres.js';
import { redisUrl, sharedRedis, uniqueStream } from '../../integration/redis/support/shared-redis.js';
import { type OutboxAppPlaces, OutboxPlayground, storedOrderOf } from './outbox-playground.js';

/** A playground, and what looks into its places; both are gone after the test. */
export interface OutboxSetup {
  readonly playground: OutboxPlayground;
  readonly places: OutboxAppPlaces;
}

type Rows = ReadonlyArray<Readonly<Record<string, unknown>>>;

/** Orders, outbox and queue in files. */
export function setUpFiles(): Promise<OutboxSetup> {
  const playground = disposedOf(new OutboxPlayground());
  const read = (file: string, sql: string): Rows => {
    const path = join(playground.folder, file);
    if (!existsSync(path)) {
      return [];
    }
    const database = loadSqliteDriver('test').open(path);
    try {
      database.exec('PRAGMA busy_timeout = 10000');
      const exists = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'messenger_messages'").get();
      return exists === undefined ? [] : (database.prepare(sql).all() as Rows);
    } finally {
      database.close();
    }
  };
  const stored = (file: string, queue: string) =>
    Promise.resolve(
      ordersIn(
        read(file, `SELECT body, headers FROM messenger_messages WHERE queue_name = '${queue}' ORDER BY id`),
      ),
    );
  return Promise.resolve({
    playground,
    places: {
      committed: () =>
        Promise.resolve(sequencesIn(read('app.db', 'SELECT sequence FROM orders ORDER BY sequence'))),
      waiting: () => stored('app.db', 'default.outbox.async'),
      arrived: () => stored('queue.db', 'default'),
    },
  });
}

/** Orders and outbox in PostgreSQL, and the queue in Redis. */
export async function setUpServers(): Promise<OutboxSetup> {
  const [orders, table, stream] = [uniqueName('orders'), uniqueName('outbox'), uniqueStream()];
  const database = sharedPostgresUrl().href;
  const client = new Client({ connectionString: database });
  await client.connect();
  const redis = sharedRedis();
  onTestFinished(async () => {
    const tables = [
      orders,
      ...['', '_signals', '_locks', '_inbox', '_workers'].map((suffix) => `${table}${suffix}`),
    ];
    await client.query(`DROP TABLE IF EXISTS ${tables.map((name) => `"${name}"`).join(', ')}`);
    await client.query('DELETE FROM nestjs_messenger_schema WHERE table_name = $1', [table]);
    await client.end();
  });
  const read = async (sql: string): Promise<Rows> => (await client.query(sql)).rows as Rows;
  const playground = disposedOf(
    new OutboxPlayground({
      database,
      orders,
      store: postgresDsn({ table_name: table, redeliver_timeout: '1', pool_size: '3' }),
      queue: redisUrl(stream, { serializer: 0, redeliver_timeout: 2, claim_interval: 500 }),
    }),
  );
  return {
    playground,
    places: {
      committed: async () => sequencesIn(await read(`SELECT sequence FROM "${orders}" ORDER BY sequence`)),
      waiting: async () =>
        ordersIn(
          await read(
            `SELECT body, headers FROM "${table}" WHERE queue_name = 'default.outbox.async' ORDER BY id`,
          ),
        ),
      arrived: async () =>
        (await redis.xrange(stream, '-', '+')).map(([, [, text = '']]) => {
          const { body, headers } = JSON.parse(text) as { body: string; headers: object };
          return storedOrderOf(body, JSON.stringify(headers));
        }),
    },
  };
}

function disposedOf(playground: OutboxPlayground): OutboxPlayground {
  onTestFinished(() => playground[Symbol.asyncDispose]());
  return playground;
}

function sequencesIn(rows: Rows): readonly number[] {
  return rows.map(({ sequence }) => Number(sequence));
}

function ordersIn(rows: Rows) {
  return rows.map(({ body, headers }) => storedOrderOf(String(body), String(headers)));
}
