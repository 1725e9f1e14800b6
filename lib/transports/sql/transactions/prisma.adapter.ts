import { UnusableTransactionError } from '../../../errors/unusable-transaction.error.js';
import { answersRows } from './answers-rows.js';
import { resultOfChange, resultOfRows, withInsertId } from './driver-results.js';
import type { SqlDialectName, SqlResult, SqlRow } from './sql-connection.js';
import { hasMethods } from './structure.js';
import type { TransactionAdapter } from './transaction-adapter.js';

/** The part of the client in an interactive transaction that is used. */
interface PrismaTransaction {
  $queryRawUnsafe(sql: string, ...values: readonly unknown[]): Promise<readonly SqlRow[]>;
  $executeRawUnsafe(sql: string, ...values: readonly unknown[]): Promise<number>;
}

/**
 * The client that `prisma.$transaction(async (tx) => …)` hands out. Once the transaction has ended, Prisma itself refuses.
 * Tried with Prisma 7.10.0.
 */
export const prismaAdapter: TransactionAdapter = {
  kind: 'the client of an interactive transaction of Prisma',
  adapt(candidate, dialect) {
    if (!isPrismaClient(candidate)) {
      return undefined;
    }
    if (hasMethods(candidate, '$connect')) {
      const reason = 'each of its statements is a transaction of its own';
      const instead = 'the client that prisma.$transaction(async (tx) => …) hands out';
      throw new UnusableTransactionError('A client of Prisma', reason, instead);
    }
    return { refusal: () => undefined, query: (sql, values) => queryPrisma(candidate, dialect, sql, values) };
  },
};

async function queryPrisma(
  transaction: PrismaTransaction,
  dialect: SqlDialectName,
  sql: string,
  values: readonly unknown[],
): Promise<SqlResult> {
  if (answersRows(sql)) {
    return resultOfRows(await transaction.$queryRawUnsafe(sql, ...values));
  }
  const affected = await transaction.$executeRawUnsafe(sql, ...values);
  if (dialect !== 'mysql' || affected === 0 || !/^\s*insert\b/i.test(sql)) {
    return resultOfChange(affected);
  }
  // Prisma keeps the id to itself, but the server remembers it for the connection.
  const [row] = await transaction.$queryRawUnsafe('SELECT LAST_INSERT_ID() AS id');
  return withInsertId(affected, row?.['id'] as bigint | number | undefined);
}

function isPrismaClient(value: object): value is PrismaTransaction {
  return hasMethods(value, '$queryRawUnsafe', '$executeRawUnsafe');
}
