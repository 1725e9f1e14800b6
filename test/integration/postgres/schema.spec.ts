import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  POSTGRES_MIGRATIONS,
  PostgresSchemaSteps,
} from '../../../lib/transports/sql/server/postgres/postgres.schema.js';
import { QueryingSession } from '../../../lib/transports/sql/server/server.pool.js';
import { ServerSchema } from '../../../lib/transports/sql/server/server.schema.js';
import { application, errorFrom, note, temporaryTable, textsOf } from './setup.js';
import { openPool } from './support/shared-postgres.js';

/** The version of the schema as this package has it. */
const CURRENT = POSTGRES_MIGRATIONS.length;

let pool: Pool;

beforeAll(() => {
  pool = openPool();
});

afterAll(() => pool.end());

/** The schema as a later version of this package has it. */
function laterSchema(table: string): ServerSchema {
  const addColumn = (): readonly string[] => [`ALTER TABLE "${table}" ADD COLUMN note TEXT`];
  return new ServerSchema(
    new PostgresSchemaSteps(table, [...POSTGRES_MIGRATIONS, addColumn]),
    table,
    'async',
  );
}

async function withSession<T>(work: (session: QueryingSession) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    return await work(
      new QueryingSession(async (sql, params) => {
        const { rows, rowCount } = await client.query<Record<string, unknown>>(sql, [...params]);
        return { rows, affected: rowCount ?? 0 };
      }, client),
    );
  } finally {
    client.release();
  }
}

async function columnsOf(table: string): Promise<readonly string[]> {
  const { rows } = await pool.query<{ name: string }>(
    'SELECT column_name AS name FROM information_schema.columns WHERE table_name = $1',
    [table],
  );
  return rows.map(({ name }) => name);
}

describe('the table of a PostgreSQL transport', () => {
  it('is made once by five processes that need it at the same time', async () => {
    const table = temporaryTable();
    const transports = Array.from({ length: 5 }, () => application({ table }).open());

    await Promise.all(transports.map((transport, index) => transport.send([note(`${index}`)])));

    expect(textsOf(await transports[0]!.get({ max: 9 })).toSorted()).toEqual(['0', '1', '2', '3', '4']);
  });

  it('is upgraded once by five that need a later version at the same time', async () => {
    const table = temporaryTable();
    await application({ table })
      .open()
      .send([note('kept')]);

    await Promise.all(
      Array.from({ length: 3 }, () => withSession((session) => laterSchema(table).migrate(session))),
    );

    expect(await columnsOf(table)).toContain('note');
    const { rows } = await pool.query(`SELECT count(*)::int AS count FROM "${table}"`);
    expect(rows).toEqual([{ count: 1 }]);
  });

  it('that is missing or older, without "auto_setup", is an error that names the command', async () => {
    const table = temporaryTable();
    const missing = await errorFrom(
      application({ table })
        .open({ autoSetup: false })
        .send([note('a')]),
    );
    await application({ table }).open().setup();
    const older = await errorFrom(withSession((session) => laterSchema(table).verify(session)));

    expect(missing.message).toBe(
      `Transport "async": the table "${table}" does not exist. Run "setup-transports", or set "auto_setup" to true.`,
    );
    expect(older.message).toBe(
      `Transport "async": the table "${table}" has schema version ${CURRENT}, this package needs ${CURRENT + 1}. Run "setup-transports", or set ` +
        '"auto_setup" to true.',
    );
  });

  it.each([true, false])('that is newer is refused, with auto_setup=%s', async (autoSetup) => {
    const table = temporaryTable();
    await withSession((session) => laterSchema(table).migrate(session));

    const error = await errorFrom(
      application({ table })
        .open({ autoSetup })
        .send([note('a')]),
    );

    expect(error.message).toBe(
      `Transport "async": the table "${table}" has schema version ${CURRENT + 1}, but this version of nestjs-messenger knows ` +
        `${CURRENT} at most. ` +
        'Upgrade the package in this application, or choose another "table_name".',
    );
  });

  it('that somebody else has made is left alone', async () => {
    const table = temporaryTable();
    await pool.query(`CREATE TABLE "${table}" (id INTEGER)`);

    const error = await errorFrom(
      application({ table })
        .open()
        .send([note('a')]),
    );

    expect(error.message).toContain('exists already and was not made by this transport');
    expect(await columnsOf(table)).toEqual(['id']);
  });

  it('can be made by the script, which then needs no right to make it', async () => {
    const table = temporaryTable();
    const transport = application({ table }).open({ autoSetup: false });

    // As psql would: one after the other, as they were printed.
    await pool.query(
      transport
        .setupSql()
        .map((statement) => `${statement};`)
        .join('\n'),
    );
    await transport.send([note('a')]);

    expect(textsOf(await transport.get())).toEqual(['a']);
  });

  it('serves two applications: each has its queue, and one they share', async () => {
    const table = temporaryTable();
    const [one, two] = [application({ table }), application({ table })];
    await one.open({ queueName: 'one' }).send([note('1')]);
    await two.open({ queueName: 'two' }).send([note('2')]);
    const [shared, sharedToo] = [one.open({ queueName: 'both' }), two.open({ queueName: 'both' })];
    await shared.send([note('3'), note('4')]);

    expect(textsOf(await one.open({ queueName: 'one' }).get({ max: 9 }))).toEqual(['1']);
    expect(textsOf(await two.open({ queueName: 'two' }).get({ max: 9 }))).toEqual(['2']);
    const both = await Promise.all([shared.get(), sharedToo.get()]);
    expect(both.flatMap(textsOf).toSorted()).toEqual(['3', '4']);
  });
});
