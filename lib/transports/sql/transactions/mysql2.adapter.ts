import { UnusableTransactionError } from '../../../errors/unusable-transaction.error.js';
import { resultOfMysql, type MysqlHeader } from './driver-results.js';
import type { SqlRow } from './sql-connection.js';
import { hasMethods, propertyOf } from './structure.js';
import type { AdaptedTransaction, TransactionAdapter } from './transaction-adapter.js';

type MysqlAnswer = readonly SqlRow[] | (MysqlHeader & { readonly serverStatus?: number });

/** The part of a callback connection of mysql2 that is used. */
interface MysqlConnection {
  query(
    statement: {
      readonly sql: string;
      readonly values: readonly unknown[];
      /** Both may have been set for the connection. */
      readonly rowsAsArray: false;
      readonly nestTables: false;
    },
    done: (error: Error | null, answer: MysqlAnswer) => void,
  ): unknown;
}

/** Bits of the status that the server sends with each answer. */
const IN_TRANSACTION = 1;
const AUTOCOMMIT = 2;

const INSTEAD = 'a connection of the pool, after beginTransaction()';

/**
 * A connection of mysql2, of its promises or its callbacks, on which the application has begun a transaction: the library does
 * not remember whether it has. Tried with mysql2 3.24.6.
 */
export const mysql2Adapter: TransactionAdapter = {
  kind: 'a connection of mysql2 after beginTransaction()',
  adapt(candidate) {
    if (hasMethods(candidate, 'query', 'getConnection')) {
      const reason = 'its statements run on several connections';
      throw new UnusableTransactionError('A pool of mysql2', reason, INSTEAD);
    }
    const connection = isConnection(candidate) ? candidate : propertyOf(candidate, 'connection');
    return isConnection(connection) && hasMethods(candidate, 'query', 'beginTransaction')
      ? adaptConnection(connection)
      : undefined;
  },
};

function adaptConnection(connection: MysqlConnection): AdaptedTransaction {
  return {
    dialect: 'mysql',
    refusal: () => undefined,
    probe: () => probe(connection),
    query: async (sql, values) => resultOfMysql(await ask(connection, sql, values)),
  };
}

async function probe(connection: MysqlConnection): Promise<UnusableTransactionError | undefined> {
  const status = propertyOf(await ask(connection, 'DO 0', []), 'serverStatus');
  // Without autocommit, the next statement begins a transaction.
  return typeof status === 'number' && (status & (IN_TRANSACTION | AUTOCOMMIT)) === AUTOCOMMIT
    ? new UnusableTransactionError('A connection of mysql2', 'no transaction is open on it', INSTEAD)
    : undefined;
}

function ask(connection: MysqlConnection, sql: string, values: readonly unknown[]): Promise<MysqlAnswer> {
  return new Promise((resolve, reject) => {
    const statement = { sql, values, rowsAsArray: false, nestTables: false } as const;
    connection.query(statement, (error, answer) => (error === null ? resolve(answer) : reject(error)));
  });
}

/** Promise connections wrap one of these, which alone has `promise()`. */
function isConnection(value: unknown): value is MysqlConnection {
  return hasMethods(value, 'query', 'beginTransaction', 'promise');
}
