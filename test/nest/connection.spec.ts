import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { MessengerModule, TransportRegistry } from 'nestjs-messenger';
import { SqlTransport } from 'nestjs-messenger/sql';
import { Pool } from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RecordingLogger } from '../fixtures/core.js';
import { dropTable, sharedPostgresUrl, uniqueName } from '../integration/postgres/support/shared-postgres.js';
import { bootApp, bootError } from './support/application.js';

const POOL = Symbol('POOL');

/** A pool that a module of the application provides, as that of an ORM would. */
function database() {
  const pool = new Pool({ connectionString: sharedPostgresUrl().href, max: 4 });
  const table = uniqueName('nest');
  onTestFinished(async () => {
    await dropTable(pool, table).catch(() => undefined);
    await pool.end();
  });
  @Global()
  @Module({ providers: [{ provide: POOL, useFactory: async () => pool }], exports: [POOL] })
  class DatabaseModule {}
  return { pool, table, DatabaseModule };
}

describe('the option "connection"', () => {
  it('takes the token of a pool that another module provides', async () => {
    const { pool, table, DatabaseModule } = database();
    const dsn = `postgres:?table_name=${table}`;
    const { app } = await bootApp({
      imports: [DatabaseModule],
      options: {
        transports: {
          async: { dsn, connection: POOL },
          failed: { dsn, options: { queueName: 'failed' }, connection: POOL },
        },
      },
    });
    const transports = app.get(TransportRegistry);
    const [async, failed] = ['async', 'failed'].map((name) => transports.get(name) as SqlTransport);

    await async!.setup();

    expect(async!.canRequeueTo(failed!)).toBe(true);
    expect(async!.location).not.toBe(failed!.location);
    expect(pool.totalCount).toBeGreaterThan(0);
    await app.close();
    expect(pool.ended).toBe(false);
  });

  it('takes it with forRootAsync too, and a pool itself', async () => {
    const { pool, table, DatabaseModule } = database();
    const dsn = `postgres:?table_name=${table}`;
    const module = await Test.createTestingModule({
      imports: [
        DatabaseModule,
        MessengerModule.forRootAsync({
          transports: ['byToken', 'byPool'],
          inject: [POOL],
          useFactory: (given: Pool) => ({
            logger: new RecordingLogger(),
            transports: {
              byToken: { dsn, connection: POOL },
              byPool: { dsn: `${dsn}&queue_name=other`, connection: given },
            },
          }),
        }),
      ],
    }).compile();
    await module.init();
    const transports = module.get(TransportRegistry);

    for (const name of transports.names()) {
      await (transports.get(name) as SqlTransport).setup();
    }

    expect(pool.totalCount).toBeGreaterThan(0);
    await module.close();
    expect(pool.ended).toBe(false);
  });

  it.each([
    ['redis://localhost', 'redis'],
    ['amqp://localhost', 'amqp'],
    ['in-memory://', 'in-memory'],
    ['sync://', 'sync'],
    ['sqlite:x.db', 'sqlite'],
  ])('is refused at boot for "%s", naming those that can', async (dsn, scheme) => {
    const error = await bootError({ options: { transports: { async: { dsn, connection: {} } } } });

    expect(error.message).toMatch(
      new RegExp(
        `^Transport "async": option "connection" cannot be used by a transport of "${scheme}:", which connects by its DSN only\\. ` +
          'Those that can are .*"postgres:", "postgresql:"\\.$',
      ),
    );
  });

  it.each([
    [{}, /must be a pool of "pg", an object with "connect\(\)" .*, got "Object"\.$/],
    [
      { query() {}, connect() {}, escapeIdentifier() {} },
      /got a single client, on which messages would become part of whatever transaction is open\. Give a pool/,
    ],
    [
      { query() {}, connect() {}, escapeIdentifier() {}, release() {} },
      /got a client that such a pool has lent\. Give the pool itself\.$/,
    ],
    [{ query() {}, connect() {}, createQueryRunner() {} }, /Give its pool: "dataSource\.driver\.master"\.$/],
    ['NOWHERE', /"NOWHERE"/],
    [5, /must be a connection, or the class or token of its provider, got/],
    [null, /must be a connection, or the class or token of its provider, got/],
    ['', /got an empty text/],
  ])('is refused at boot with %s', async (connection, text) => {
    const error = await bootError({
      options: { transports: { async: { dsn: 'postgres:', connection: connection as object } } },
    });

    expect(error.message).toMatch(/^Transport "async"/);
    expect(error.message).toMatch(text);
  });

  it.each([
    [
      'postgres://host/x',
      {},
      /it says where to connect, but the transport uses what its option "connection" names/,
    ],
    ['postgres:?pool_size=4', {}, /option "pool_size" concerns connections of its own/],
    ['postgres:', { sslmode: 'require' }, /option "sslmode" concerns connections of its own/],
  ])('contradicts a DSN and options that say where to connect: %s %j', async (dsn, options, text) => {
    const { pool } = database();

    const error = await bootError({
      options: { transports: { async: { dsn, options, connection: pool } } },
    });

    expect(error.message).toMatch(text);
  });
});
