import { UnusableTransactionError } from '../../../errors/unusable-transaction.error.js';
import type { SqlRow } from './sql-connection.js';
import { hasMethods, propertyOf } from './structure.js';
import type { TransactionAdapter } from './transaction-adapter.js';

/** Rows, with the number of those that were changed or selected. */
type PostgresJsResult = readonly SqlRow[] & { readonly count: number | null };

/** The part of `sql` in a transaction that is used. It is a function, with these properties. */
interface PostgresJsTransaction {
  unsafe(sql: string, values: readonly unknown[]): Promise<PostgresJsResult>;
}

/** The SQLSTATE of what may be done in a transaction only. */
const NO_ACTIVE_TRANSACTION = '25P01';

const INSTEAD = 'the tx that sql.begin(async (tx) => …) hands out, while its transaction is open';

/**
 * What `sql.begin(async (tx) => …)` of postgres.js hands out, or a connection that was reserved, after `BEGIN`. Tried with
 * postgres 3.4.9.
 *
 * It goes on to send statements when the transaction has ended.
 */
export const postgresJsAdapter: TransactionAdapter = {
  kind: 'the tx of sql.begin(async (tx) => …) of postgres.js',
  adapt(candidate) {
    if (!isPostgresJs(candidate)) {
      return undefined;
    }
    if (hasMethods(candidate, 'begin')) {
      const reason = 'each of its statements may run on another connection';
      throw new UnusableTransactionError('The sql of postgres.js', reason, INSTEAD);
    }
    return {
      dialect: 'postgres',
      refusal: () => undefined,
      probe: () => probe(candidate),
      query: async (sql, values) => {
        const result = await candidate.unsafe(sql, values);
        return { rows: [...result], affected: result.count ?? 0 };
      },
    };
  },
};

async function probe(transaction: PostgresJsTransaction): Promise<UnusableTransactionError | undefined> {
  try {
    await transaction.unsafe('SAVEPOINT messenger; RELEASE SAVEPOINT messenger', []);
    return undefined;
  } catch (error) {
    if (propertyOf(error, 'code') === NO_ACTIVE_TRANSACTION) {
      return new UnusableTransactionError('The tx of postgres.js', 'no transaction is open on it', INSTEAD);
    }
    throw error;
  }
}

function isPostgresJs(value: object): value is PostgresJsTransaction {
  return typeof value === 'function' && hasMethods(value, 'unsafe', 'typed', 'notify');
}
