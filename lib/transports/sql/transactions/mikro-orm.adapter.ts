import { UnusableTransactionError } from '../../../errors/unusable-transaction.error.js';
import { adaptByFirst } from './driver-adapters.js';
import { knexAdapter } from './knex.adapter.js';
import { kyselyAdapter } from './kysely.adapter.js';
import type { SqlDialectName } from './sql-connection.js';
import { hasMethods } from './structure.js';
import type { AdaptedTransaction, TransactionAdapter } from './transaction-adapter.js';

/** The part of an entity manager that is used. */
interface MikroOrmEntityManager {
  /** A transaction of Kysely; of Knex before MikroORM 7. */
  getTransactionContext(): object | undefined;
}

const GIVEN = 'An EntityManager of MikroORM';
const INSTEAD =
  'the manager that em.transactional(async (em) => …) hands out, or one after begin(), while its transaction is open';

/** An `EntityManager` of MikroORM on an SQL database, in a transaction. Tried with MikroORM 6.6.16 and 7.2.1. */
export const mikroOrmAdapter: TransactionAdapter = {
  kind: 'an EntityManager of MikroORM in a transaction',
  adapt(candidate, dialect) {
    if (!isEntityManager(candidate)) {
      return undefined;
    }
    const context = candidate.getTransactionContext();
    if (context === undefined) {
      throw new UnusableTransactionError(GIVEN, 'it is not in a transaction', INSTEAD);
    }
    return adaptContext(context, dialect);
  },
};

/** The manager is not asked again: which transaction it is in depends on where the program is. */
function adaptContext(context: object, dialect: SqlDialectName): AdaptedTransaction | undefined {
  const adapted = adaptByFirst([kyselyAdapter, knexAdapter], context, dialect);
  return (
    adapted && {
      ...adapted,
      refusal: () =>
        adapted.refusal() && new UnusableTransactionError(GIVEN, 'its transaction has ended', INSTEAD),
    }
  );
}

function isEntityManager(value: object): value is MikroOrmEntityManager {
  return hasMethods(value, 'getTransactionContext', 'isInTransaction', 'transactional');
}
