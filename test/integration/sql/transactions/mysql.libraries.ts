import { MikroORM } from '@mikro-orm/mysql';
import { drizzle } from 'drizzle-orm/mysql2';
import createKnex from 'knex';
import { CamelCasePlugin, Kysely, MysqlDialect } from 'kysely';
import callbackMysql from 'mysql2';
import mysql from 'mysql2/promise';
import { Sequelize } from 'sequelize';
import { DataSource } from 'typeorm';
import type { SqlRow } from '../../../../lib/transports/sql/transactions/sql-connection.js';
import { MYSQL_URL } from './databases.js';
import { beginInCallback, type Library } from './library.js';
import { openPrismaStandIn } from './prisma.stand-in.js';

const promises: Library = {
  name: 'mysql2: promises',
  async open() {
    const pool = mysql.createPool(MYSQL_URL);
    const idle = await pool.getConnection();
    return {
      begin: async () => {
        const connection = await pool.getConnection();
        await connection.beginTransaction();
        return {
          handle: connection,
          commit: () => connection.commit().finally(() => connection.release()),
          rollback: () => connection.rollback().finally(() => connection.release()),
        };
      },
      mistakes: [
        { given: 'A pool of mysql2', handle: pool },
        { given: 'A connection of mysql2', handle: idle },
      ],
      close: () => pool.end(),
    };
  },
};

const callbacks: Library = {
  name: 'mysql2: callbacks, rows as arrays',
  async open() {
    const connection = callbackMysql.createConnection({ uri: MYSQL_URL, rowsAsArray: true });
    const pool = callbackMysql.createPool(MYSQL_URL);
    const does = (statement: string) => () => connection.promise().query(statement);
    return Promise.resolve({
      begin: async () => {
        await does('BEGIN')();
        return { handle: connection, commit: does('COMMIT'), rollback: does('ROLLBACK') };
      },
      mistakes: [
        { given: 'A pool of mysql2', handle: pool },
        { given: 'A connection of mysql2', handle: connection },
      ],
      close: async () => {
        await pool.promise().end();
        await connection.promise().end();
      },
    });
  },
};

const withoutAutocommit: Library = {
  name: 'mysql2: without autocommit',
  async open() {
    const connection = await mysql.createConnection({
      uri: MYSQL_URL,
      supportBigNumbers: true,
      bigNumberStrings: true,
    });
    return {
      begin: async () => {
        await connection.query('SET autocommit = 0');
        const end = (statement: string) => async () => {
          await connection.query(statement);
          await connection.query('SET autocommit = 1');
        };
        return { handle: connection, commit: end('COMMIT'), rollback: end('ROLLBACK') };
      },
      mistakes: [],
      close: () => connection.end(),
    };
  },
};

const typeOrm: Library = {
  name: 'TypeORM',
  async open() {
    const dataSource = await new DataSource({ type: 'mariadb', url: MYSQL_URL, entities: [] }).initialize();
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

const drizzleMysql: Library = {
  name: 'Drizzle',
  open() {
    const pool = mysql.createPool(MYSQL_URL);
    const db = drizzle(pool);
    return Promise.resolve({
      begin: () => beginInCallback((work) => db.transaction(work)),
      mistakes: [{ given: 'A database of Drizzle', handle: db }],
      close: () => pool.end(),
    });
  },
};

const kysely: Library = {
  name: 'Kysely',
  open() {
    const db = new Kysely<object>({
      dialect: new MysqlDialect({ pool: callbackMysql.createPool(MYSQL_URL) }),
      plugins: [new CamelCasePlugin()],
    });
    return Promise.resolve({
      begin: () => beginInCallback((work) => db.transaction().execute(work)),
      mistakes: [{ given: 'An instance of Kysely', handle: db }],
      hidesDialect: true as const,
      close: () => db.destroy(),
    });
  },
};

const mikroOrm: Library = {
  name: 'MikroORM',
  async open() {
    const orm = await MikroORM.init({
      clientUrl: MYSQL_URL,
      entities: [],
      discovery: { warnWhenNoEntities: false },
    });
    return {
      begin: () => beginInCallback((work) => orm.em.fork().transactional(work)),
      mistakes: [{ given: 'An EntityManager of MikroORM', handle: orm.em }],
      close: () => orm.close(),
    };
  },
};

const knex: Library = {
  name: 'Knex',
  open() {
    const db = createKnex({ client: 'mysql2', connection: MYSQL_URL, pool: { min: 0, max: 2 } });
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
    const db = new Sequelize(MYSQL_URL, { logging: false, pool: { max: 2 } });
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
    const pool = mysql.createPool(MYSQL_URL);
    return Promise.resolve(
      openPrismaStandIn(
        async (work) => {
          const connection = await pool.getConnection();
          try {
            await connection.beginTransaction();
            await work(async (sql, values) => {
              const [answer] = await connection.query(sql, [...values]);
              return Array.isArray(answer)
                ? { rows: answer as unknown as readonly SqlRow[], affected: answer.length }
                : { rows: [], affected: answer.affectedRows };
            });
            await connection.commit();
          } catch (error) {
            await connection.rollback();
            throw error;
          } finally {
            connection.release();
          }
        },
        () => pool.end(),
      ),
    );
  },
};

export const mysqlLibraries: readonly Library[] = [
  promises,
  callbacks,
  withoutAutocommit,
  typeOrm,
  drizzleMysql,
  kysely,
  mikroOrm,
  knex,
  sequelize,
  prisma,
];
