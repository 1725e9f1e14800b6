import { MikroORM } from '@mikro-orm/postgresql';
import { drizzle } from 'drizzle-orm/node-postgres';
import { drizzle as drizzlePostgresJs } from 'drizzle-orm/postgres-js';
import createKnex from 'knex';
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import postgres from 'postgres';
import { Sequelize } from 'sequelize';
import { DataSource } from 'typeorm';
import type { SqlRow } from '../../../../lib/transports/sql/transactions/sql-connection.js';
import { POSTGRES_URL } from './databases.js';
import { beginInCallback, type Library } from './library.js';
import { openPrismaStandIn } from './prisma.stand-in.js';

const newPool = () => new pg.Pool({ connectionString: POSTGRES_URL, max: 2 });

/** `camelCase`, as many an application has its library rename columns. */
const camelCase = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const pgClient: Library = {
  name: 'pg: Client',
  async open() {
    const client = new pg.Client({ connectionString: POSTGRES_URL });
    await client.connect();
    return {
      begin: async () => {
        await client.query('BEGIN');
        return {
          handle: client,
          commit: () => client.query('COMMIT'),
          rollback: () => client.query('ROLLBACK'),
        };
      },
      mistakes: [{ given: 'A client of node-postgres', handle: client }],
      close: () => client.end(),
    };
  },
};

const pgPoolClient: Library = {
  name: 'pg: PoolClient',
  open() {
    const pool = newPool();
    return Promise.resolve({
      begin: async () => {
        const client = await pool.connect();
        await client.query('BEGIN');
        const end = (statement: string) => async () => {
          await client.query(statement);
          client.release();
        };
        return { handle: client, commit: end('COMMIT'), rollback: end('ROLLBACK') };
      },
      mistakes: [{ given: 'A pool of node-postgres', handle: pool }],
      close: () => pool.end(),
    });
  },
};

const postgresJs: Library = {
  name: 'postgres.js',
  open() {
    const sql = postgres(POSTGRES_URL, { max: 2, transform: postgres.camel });
    return Promise.resolve({
      begin: () => beginInCallback<postgres.TransactionSql>((work) => sql.begin(work)),
      mistakes: [{ given: 'The sql of postgres.js', handle: sql }],
      close: () => sql.end(),
    });
  },
};

function openTypeOrm(): Promise<DataSource> {
  return new DataSource({ type: 'postgres', url: POSTGRES_URL, entities: [] }).initialize();
}

const typeOrmManager: Library = {
  name: 'TypeORM: EntityManager',
  async open() {
    const dataSource = await openTypeOrm();
    return {
      begin: () => beginInCallback((work) => dataSource.transaction(work)),
      mistakes: [
        { given: 'A DataSource of TypeORM', handle: dataSource },
        { given: 'An EntityManager of TypeORM', handle: dataSource.manager },
      ],
      close: () => dataSource.destroy(),
    };
  },
};

const typeOrmRunner: Library = {
  name: 'TypeORM: QueryRunner',
  async open() {
    const dataSource = await openTypeOrm();
    const idle = dataSource.createQueryRunner();
    return {
      begin: async () => {
        const runner = dataSource.createQueryRunner();
        await runner.startTransaction();
        return {
          handle: runner,
          commit: () => runner.commitTransaction().then(() => runner.release()),
          rollback: () => runner.rollbackTransaction().then(() => runner.release()),
        };
      },
      mistakes: [
        { given: 'A QueryRunner of TypeORM', handle: idle },
        { given: 'An EntityManager of TypeORM', handle: idle.manager },
      ],
      close: () => dataSource.destroy(),
    };
  },
};

const drizzlePg: Library = {
  name: 'Drizzle on pg',
  open() {
    const pool = newPool();
    const db = drizzle(pool);
    return Promise.resolve({
      begin: () => beginInCallback((work) => db.transaction(work)),
      mistakes: [{ given: 'A database of Drizzle', handle: db }],
      close: () => pool.end(),
    });
  },
};

const drizzleJs: Library = {
  name: 'Drizzle on postgres.js',
  open() {
    const sql = postgres(POSTGRES_URL, { max: 2 });
    const db = drizzlePostgresJs(sql);
    return Promise.resolve({
      begin: () => beginInCallback((work) => db.transaction(work)),
      mistakes: [{ given: 'A database of Drizzle', handle: db }],
      close: () => sql.end(),
    });
  },
};

function openKysely(): Kysely<object> {
  return new Kysely<object>({
    dialect: new PostgresDialect({ pool: newPool() }),
    plugins: [new CamelCasePlugin()],
  });
}

const kysely: Library = {
  name: 'Kysely',
  open() {
    const db = openKysely();
    return Promise.resolve({
      begin: () => beginInCallback((work) => db.transaction().execute(work)),
      mistakes: [{ given: 'An instance of Kysely', handle: db }],
      hidesDialect: true as const,
      close: () => db.destroy(),
    });
  },
};

const kyselyControlled: Library = {
  name: 'Kysely, controlled',
  open() {
    const db = openKysely();
    return Promise.resolve({
      begin: async () => {
        const handle = await db.startTransaction().execute();
        return {
          handle,
          commit: () => handle.commit().execute(),
          rollback: () => handle.rollback().execute(),
        };
      },
      mistakes: [],
      hidesDialect: true as const,
      close: () => db.destroy(),
    });
  },
};

const mikroOrm: Library = {
  name: 'MikroORM',
  async open() {
    const orm = await MikroORM.init({
      clientUrl: POSTGRES_URL,
      entities: [],
      discovery: { warnWhenNoEntities: false },
    });
    return {
      begin: () => beginInCallback((work) => orm.em.fork().transactional(work)),
      mistakes: [
        { given: 'An EntityManager of MikroORM', handle: orm.em },
        { given: 'An EntityManager of MikroORM', handle: orm.em.fork() },
      ],
      close: () => orm.close(),
    };
  },
};

const knex: Library = {
  name: 'Knex',
  open() {
    const db = createKnex({
      client: 'pg',
      connection: POSTGRES_URL,
      pool: { min: 0, max: 2 },
      // As Objection.js has it renamed; it is given whatever the driver answers.
      postProcessResponse: (answer: unknown) =>
        Array.isArray(answer)
          ? answer.map((row: object) =>
              Object.fromEntries(Object.entries(row).map(([name, value]) => [camelCase(name), value])),
            )
          : undefined,
    });
    return Promise.resolve({
      begin: () => beginInCallback((work) => db.transaction(work)),
      mistakes: [{ given: 'An instance of Knex', handle: db }],
      close: () => db.destroy(),
    });
  },
};

const sequelize: Library = {
  name: 'Sequelize',
  open() {
    const db = new Sequelize(POSTGRES_URL, { logging: false, pool: { max: 2 } });
    return Promise.resolve({
      begin: () => beginInCallback((work) => db.transaction(work)),
      mistakes: [{ given: 'An instance of Sequelize', handle: db }],
      close: () => db.close(),
    });
  },
};

const prisma: Library = {
  name: 'a stand-in for Prisma',
  open() {
    const pool = newPool();
    return Promise.resolve(
      openPrismaStandIn(
        async (work) => {
          const client = await pool.connect();
          try {
            await client.query('BEGIN');
            await work(async (sql, values) => {
              const { rows, rowCount } = await client.query(sql, [...values]);
              return { rows: rows as readonly SqlRow[], affected: rowCount ?? 0 };
            });
            await client.query('COMMIT');
          } catch (error) {
            await client.query('ROLLBACK');
            throw error;
          } finally {
            client.release();
          }
        },
        () => pool.end(),
      ),
    );
  },
};

export const postgresLibraries: readonly Library[] = [
  pgClient,
  pgPoolClient,
  postgresJs,
  typeOrmManager,
  typeOrmRunner,
  drizzlePg,
  drizzleJs,
  kysely,
  kyselyControlled,
  mikroOrm,
  knex,
  sequelize,
  prisma,
];
