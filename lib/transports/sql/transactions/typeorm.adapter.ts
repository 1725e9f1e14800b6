import { UnusableTransactionError } from '../../../errors/unusable-transaction.error.js';
import { resultOfRows, withInsertId, type MysqlHeader } from './driver-results.js';
import type { SqlDialectName, SqlResult, SqlRow } from './sql-connection.js';
import { hasMethods, propertyOf } from './structure.js';
import type { AdaptedTransaction, TransactionAdapter } from './transaction-adapter.js';

/** What `query` answers when it is asked for a structured result. */
interface TypeOrmResult {
  /** What the driver answered. */
  readonly raw: unknown;
  readonly records: readonly SqlRow[];
  readonly affected?: number | null | undefined;
}

/** The part of a query runner that is used. */
interface QueryRunner {
  readonly isTransactionActive: boolean;
  query(sql: string, values: readonly unknown[], useStructuredResult: true): Promise<TypeOrmResult>;
}

const DIALECTS: Readonly<Record<string, SqlDialectName>> = {
  postgres: 'postgres',
  mysql: 'mysql',
  mariadb: 'mysql',
  'better-sqlite3': 'sqlite',
};

const INSTEAD =
  'the manager that dataSource.transaction(async (manager) => …) hands out, or a query runner after startTransaction()';

/** An `EntityManager` or a `QueryRunner` of TypeORM in a transaction. Tried with typeorm 1.1.1. */
export const typeOrmAdapter: TransactionAdapter = {
  kind: 'an EntityManager or a QueryRunner of TypeORM in a transaction',
  adapt(candidate) {
    if (hasMethods(candidate, 'createQueryRunner', 'getRepository')) {
      const reason = 'each of its statements may run on another connection';
      throw new UnusableTransactionError('A DataSource of TypeORM', reason, INSTEAD);
    }
    if (isQueryRunner(candidate)) {
      return adaptQueryRunner('A QueryRunner of TypeORM', candidate);
    }
    if (!hasMethods(candidate, 'getRepository', 'withRepository', 'transaction')) {
      return undefined;
    }
    const runner = propertyOf(candidate, 'queryRunner');
    if (!isQueryRunner(runner)) {
      const reason = 'it has no query runner, so each of its statements may run on another connection';
      throw new UnusableTransactionError('An EntityManager of TypeORM', reason, INSTEAD);
    }
    return adaptQueryRunner('An EntityManager of TypeORM', runner);
  },
};

function adaptQueryRunner(given: string, runner: QueryRunner): AdaptedTransaction {
  return {
    dialect: dialectOf(runner),
    refusal: () =>
      runner.isTransactionActive
        ? undefined
        : new UnusableTransactionError(given, 'it is not, or no longer, in a transaction', INSTEAD),
    query: async (sql, values) => resultOf(await runner.query(sql, values, true)),
  };
}

function resultOf({ raw, records, affected }: TypeOrmResult): SqlResult {
  if (records.length > 0 || typeof affected !== 'number') {
    return resultOfRows(records);
  }
  return withInsertId(affected, propertyOf(raw, 'insertId') as MysqlHeader['insertId'] | undefined);
}

function dialectOf(runner: QueryRunner): SqlDialectName | undefined {
  const dataSource = propertyOf(runner, 'dataSource') ?? propertyOf(runner, 'connection');
  return DIALECTS[String(propertyOf(propertyOf(dataSource, 'options'), 'type'))];
}

function isQueryRunner(value: unknown): value is QueryRunner {
  return (
    hasMethods(value, 'query', 'startTransaction', 'commitTransaction') &&
    typeof propertyOf(value, 'isTransactionActive') === 'boolean'
  );
}
