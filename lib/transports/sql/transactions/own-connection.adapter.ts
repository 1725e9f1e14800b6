import { OwnSqlConnection } from './sql-connection.js';
import type { TransactionAdapter } from './transaction-adapter.js';

/** What the application has made with `sqlConnection`; whether its transaction is open is up to the application. */
export const ownConnectionAdapter: TransactionAdapter = {
  kind: 'what sqlConnection((sql, params) => …) makes',
  adapt: (candidate) =>
    candidate instanceof OwnSqlConnection
      ? { refusal: () => undefined, query: (sql, values) => candidate.query(sql, values) }
      : undefined,
};
