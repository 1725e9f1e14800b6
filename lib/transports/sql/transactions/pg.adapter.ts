import { UnusableTransactionError } from '../../../errors/unusable-transaction.error.js';
import { resultOfPg, type PgResult } from './driver-results.js';
import { hasMethods, propertyOf } from './structure.js';
import type { AdaptedTransaction, TransactionAdapter } from './transaction-adapter.js';

/** The part of a client of node-postgres that is used. */
interface PgClient {
  query(statement: { readonly text: string; readonly values: readonly unknown[] }): Promise<PgResult>;
  /** Since 8.18: `I` outside a transaction, `T` in one, `E` in one that failed; `null` before the first answer. */
  getTransactionStatus?(): string | null;
  /** Whether it waits for nothing, so that the status is the current one. */
  readonly readyForQuery?: boolean;
}

const INSTEAD = 'a client of the pool on which BEGIN was sent';

/** A `Client` or `PoolClient` of node-postgres on which the application has sent `BEGIN`. Tried with pg 8.23.1. */
export const pgAdapter: TransactionAdapter = {
  kind: 'a client of node-postgres (pg) after BEGIN',
  adapt(candidate) {
    if (isPgPool(candidate)) {
      const reason = 'its statements run on several connections';
      throw new UnusableTransactionError('A pool of node-postgres', reason, INSTEAD);
    }
    return isPgClient(candidate) ? adaptPgClient(candidate) : undefined;
  },
};

function adaptPgClient(client: PgClient): AdaptedTransaction {
  return {
    dialect: 'postgres',
    refusal: () => refusalOf(client),
    query: async (text, values) => resultOfPg(await client.query({ text, values })),
  };
}

function refusalOf(client: PgClient): UnusableTransactionError | undefined {
  // A BEGIN that is on its way has not changed the status yet.
  const isIdle = client.readyForQuery !== false && client.getTransactionStatus?.() === 'I';
  return isIdle
    ? new UnusableTransactionError('A client of node-postgres', 'no transaction is open on it', INSTEAD)
    : undefined;
}

function isPgClient(value: object): value is PgClient {
  return hasMethods(value, 'query', 'getTypeParser', 'setTypeParser');
}

function isPgPool(value: object): boolean {
  return hasMethods(value, 'query', 'connect') && typeof propertyOf(value, 'totalCount') === 'number';
}
