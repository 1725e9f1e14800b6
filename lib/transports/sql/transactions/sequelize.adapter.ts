import { UnusableTransactionError } from '../../../errors/unusable-transaction.error.js';
import { adaptByFirst, DRIVER_ADAPTERS } from './driver-adapters.js';
import type { SqlDialectName } from './sql-connection.js';
import { hasMethods, propertyOf } from './structure.js';
import type { AdaptedTransaction, TransactionAdapter } from './transaction-adapter.js';

/** The part of a transaction of Sequelize that is used. */
interface SequelizeTransaction {
  readonly id: string;
  /** That of the driver, once the transaction has begun. It bears the id of the transaction that it is given to. */
  readonly connection?: { readonly uuid?: string | undefined };
}

const GIVEN = 'A Transaction of Sequelize';
const INSTEAD =
  'the transaction that sequelize.transaction(async (transaction) => …) hands out, while it is open';

/**
 * A `Transaction` of Sequelize on node-postgres or mysql2. Its connection is used, since what `sequelize.query` answers to a
 * statement depends on the words in it. Tried with sequelize 6.37.8.
 */
export const sequelizeAdapter: TransactionAdapter = {
  kind: 'a Transaction of Sequelize on node-postgres or mysql2',
  adapt(candidate, dialect) {
    if (hasMethods(candidate, 'transaction', 'define', 'getQueryInterface')) {
      const reason = 'each of its statements may run on another connection';
      throw new UnusableTransactionError('An instance of Sequelize', reason, INSTEAD);
    }
    return isTransaction(candidate) ? adaptSequelize(candidate, dialect) : undefined;
  },
};

function adaptSequelize(transaction: SequelizeTransaction, dialect: SqlDialectName): AdaptedTransaction {
  const refusal = refusalOf(transaction);
  if (refusal !== undefined) {
    throw refusal;
  }
  const adapted = adaptByFirst(DRIVER_ADAPTERS, transaction.connection, dialect);
  if (adapted === undefined) {
    const reason = 'its driver is neither node-postgres nor mysql2';
    const instead = 'sqlConnection((sql, params) => …), which sends a statement in it';
    throw new UnusableTransactionError(GIVEN, reason, instead);
  }
  return {
    dialect: adapted.dialect,
    refusal: () => refusalOf(transaction),
    query: (sql, params) => adapted.query(sql, params),
  };
}

function refusalOf({ id, connection }: SequelizeTransaction): UnusableTransactionError | undefined {
  return connection?.uuid === id
    ? undefined
    : new UnusableTransactionError(GIVEN, 'it has not begun, or has ended', INSTEAD);
}

function isTransaction(value: object): value is SequelizeTransaction {
  return (
    hasMethods(value, 'commit', 'rollback') && hasMethods(propertyOf(value, 'sequelize'), 'getQueryInterface')
  );
}
