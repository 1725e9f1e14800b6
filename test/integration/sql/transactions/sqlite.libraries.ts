import { createRequire } from 'node:module';
import { MikroORM } from '@mikro-orm/libsql';
import { DatabaseSync } from '@photostructure/sqlite';
import { sql } from 'drizzle-orm';
import { BetterSQLiteSession } from 'drizzle-orm/better-sqlite3/session';
import { BaseSQLiteDatabase, SQLiteSyncDialect } from 'drizzle-orm/sqlite-core';
import createKnex, { type Knex } from 'knex';
import { CamelCasePlugin, Kysely, SqliteDialect } from 'kysely';
import LibSql from 'libsql';
import { DataSource } from 'typeorm';
import type { SqliteDriver } from './databases.js';
import { beginInCallback, type OpenLibrary } from './library.js';

// better-sqlite3 has to be compiled where it is installed. libsql has the same interface, and stands for it here.

const requireHere = createRequire(`${process.cwd()}/package.json`);

/** A library, and the driver it uses. */
interface SqliteLibrary {
  readonly name: string;
  readonly driver: SqliteDriver;
  open(file: string): Promise<OpenLibrary>;
}

function openHandle(handle: InstanceType<SqliteDriver>): OpenLibrary {
  const does = (statement: string) => () => Promise.resolve(handle.exec(statement));
  return {
    begin: async () => {
      await does('BEGIN IMMEDIATE')();
      return { handle, commit: does('COMMIT'), rollback: does('ROLLBACK') };
    },
    mistakes: [{ given: 'A SQLite database', handle }],
    close: () => Promise.resolve(handle.close()),
  };
}

function drivers(): ReadonlyArray<readonly [name: string, Handle: SqliteDriver]> {
  const installed: ReadonlyArray<readonly [string, SqliteDriver]> = [
    ['libsql', LibSql],
    ['@photostructure/sqlite', DatabaseSync],
  ];
  try {
    const { DatabaseSync: Database } = requireHere('node:sqlite') as { DatabaseSync: SqliteDriver };
    return [...installed, ['node:sqlite', Database]];
  } catch {
    // Node.js 20 has none.
    return installed;
  }
}

/** As node:sqlite of Node.js 22.13 to 22.15, which does not tell whether a transaction is open. */
class SilentDatabase extends DatabaseSync {
  override get isTransaction(): boolean {
    return undefined as unknown as boolean;
  }
}

async function openTypeOrm(file: string): Promise<OpenLibrary> {
  const dataSource = await new DataSource({
    type: 'better-sqlite3',
    driver: LibSql,
    database: file,
    entities: [],
  }).initialize();
  return {
    begin: () => beginInCallback((work) => dataSource.transaction(work)),
    mistakes: [
      { given: 'A DataSource of TypeORM', handle: dataSource },
      { given: 'An EntityManager of TypeORM', handle: dataSource.manager },
    ],
    close: () => dataSource.destroy(),
  };
}

/** Its `transaction` takes no asynchronous function, so an application sends the statements itself. */
function openDrizzle(file: string): Promise<OpenLibrary> {
  const client = new LibSql(file);
  const dialect = new SQLiteSyncDialect();
  const session = new BetterSQLiteSession(client, dialect, undefined);
  const db = new BaseSQLiteDatabase('sync', dialect, session as never, undefined);
  const does = (statement: string) => () => Promise.resolve(db.run(sql.raw(statement)));
  return Promise.resolve({
    begin: async () => {
      await does('BEGIN')();
      return { handle: db, commit: does('COMMIT'), rollback: does('ROLLBACK') };
    },
    mistakes: [{ given: 'A SQLite database', handle: db }],
    close: () => Promise.resolve(client.close()),
  });
}

function openKysely(file: string): Promise<OpenLibrary> {
  const dialect = new SqliteDialect({ database: new LibSql(file) });
  const db = new Kysely<object>({ dialect, plugins: [new CamelCasePlugin()] });
  return Promise.resolve({
    begin: () => beginInCallback((work) => db.transaction().execute(work)),
    mistakes: [{ given: 'An instance of Kysely', handle: db }],
    hidesDialect: true,
    close: () => db.destroy(),
  });
}

async function openMikroOrm(file: string): Promise<OpenLibrary> {
  const orm = await MikroORM.init({
    dbName: file,
    entities: [],
    discovery: { warnWhenNoEntities: false },
  });
  return {
    begin: () => beginInCallback((work) => orm.em.fork().transactional(work)),
    mistakes: [{ given: 'An EntityManager of MikroORM', handle: orm.em }],
    close: () => orm.close(),
  };
}

function openKnex(file: string): Promise<OpenLibrary> {
  const Client = requireHere('knex/lib/dialects/better-sqlite3/index.js') as typeof Knex.Client;
  class LibSqlClient extends Client {
    _driver(): unknown {
      return LibSql;
    }
  }
  const db = createKnex({ client: LibSqlClient, connection: { filename: file }, useNullAsDefault: true });
  return Promise.resolve({
    begin: () => beginInCallback((work) => db.transaction(work)),
    mistakes: [{ given: 'An instance of Knex', handle: db }],
    close: () => db.destroy(),
  });
}

/** MikroORM may bring a version of its own. */
function libSqlOfMikroOrm(): SqliteDriver {
  return createRequire(requireHere.resolve('@mikro-orm/libsql'))('libsql') as SqliteDriver;
}

export function sqliteLibraries(): readonly SqliteLibrary[] {
  return [
    ...drivers().map(([name, driver]) => ({
      name,
      driver,
      open: (file: string) => Promise.resolve(openHandle(new driver(file))),
    })),
    {
      name: 'a driver that does not tell whether a transaction is open',
      driver: DatabaseSync,
      open: (file) => Promise.resolve(openHandle(new SilentDatabase(file))),
    },
    { name: 'TypeORM', driver: LibSql, open: openTypeOrm },
    { name: 'Drizzle', driver: LibSql, open: openDrizzle },
    { name: 'Kysely', driver: LibSql, open: openKysely },
    { name: 'MikroORM', driver: libSqlOfMikroOrm(), open: openMikroOrm },
    { name: 'Knex', driver: LibSql, open: openKnex },
  ];
}
