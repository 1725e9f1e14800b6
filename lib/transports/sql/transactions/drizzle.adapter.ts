import { UnusableTransactionError } from '../../../errors/unusable-transaction.error.js';
import { adaptByFirst, DRIVER_ADAPTERS } from './driver-adapters.js';
import type { SqlDialectName } from './sql-connection.js';
import { hasMethods, propertyOf } from './structure.js';
import type { AdaptedTransaction, TransactionAdapter } from './transaction-adapter.js';

const GIVEN = 'A database of Drizzle';
const INSTEAD = 'the tx that db.transaction(async (tx) => …) hands out';

/**
 * The `tx` of Drizzle on node-postgres, postgres.js, mysql2 or better-sqlite3; or a database of Drizzle on one connection, after
 * `BEGIN`. The connection is used, since Drizzle's raw SQL can only be made with its own classes. Tried with drizzle-orm 0.45.4.
 */
export const drizzleAdapter: TransactionAdapter = {
  kind: 'the tx of db.transaction(async (tx) => …) of Drizzle on node-postgres, postgres.js, mysql2 or better-sqlite3',
  adapt(candidate, dialect) {
    const session = propertyOf(candidate, 'session');
    return isDrizzle(candidate) && hasMethods(session, 'prepareQuery')
      ? adaptDrizzle(propertyOf(session, 'client'), dialect)
      : undefined;
  },
};

function adaptDrizzle(connection: unknown, dialect: SqlDialectName): AdaptedTransaction {
  const adapted = inWordsOfDrizzle(() => adaptByFirst(DRIVER_ADAPTERS, connection, dialect));
  if (adapted === undefined) {
    const reason = 'its driver is none of node-postgres, postgres.js, mysql2 and better-sqlite3';
    throw new UnusableTransactionError(
      GIVEN,
      reason,
      'sqlConnection((sql, params) => …), which sends a statement in it',
    );
  }
  return adapted;
}

/** A pool is refused by the adapter of its driver, which knows nothing of Drizzle. */
function inWordsOfDrizzle<T>(adapt: () => T): T {
  try {
    return adapt();
  } catch (error) {
    throw error instanceof UnusableTransactionError
      ? new UnusableTransactionError(GIVEN, error.reason, INSTEAD)
      : error;
  }
}

function isDrizzle(value: object): boolean {
  return hasMethods(value, 'select', 'insert', 'transaction') && propertyOf(value, 'dialect') !== undefined;
}
