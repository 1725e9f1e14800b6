// Transactions of an application in which messages are stored: `nestjs-messenger/sql`.
export { sqlConnection } from './transactions/sql-connection.js';
export type { SqlConnection, SqlDialectName, SqlResult, SqlRow } from './transactions/sql-connection.js';
