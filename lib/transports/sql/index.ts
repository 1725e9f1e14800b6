// The SQL transports, for those who make them themselves or read their stamps: `nestjs-messenger/sql`.
export { SqlTransport } from './sql.transport.js';
export { SqlReceivedStamp } from './sql.stamps.js';
export {
  PostgresTransportFactory,
  type PostgresTransportFactorySetup,
} from './server/postgres/postgres.transport-factory.js';
export type { PostgresOptions } from './server/postgres/postgres.options.js';
export type { PostgresTlsOptions } from './server/postgres/postgres.tls.js';
export {
  MysqlTransportFactory,
  type MysqlTransportFactorySetup,
} from './server/mysql/mysql.transport-factory.js';
export type { MysqlOptions } from './server/mysql/mysql.options.js';
export type { MysqlTlsOptions } from './server/mysql/mysql.tls.js';
export type { ServerOptions } from './server/server.transport.js';
export {
  SqliteTransportFactory,
  type SqliteTransportFactorySetup,
} from './sqlite/sqlite.transport-factory.js';
export { SqliteTransport } from './sqlite/sqlite.transport.js';
export type { SqliteOptions } from './sqlite/sqlite.options.js';

// Transactions of the application
export { sqlConnection } from './transactions/sql-connection.js';
export type { SqlConnection, SqlDialectName, SqlResult, SqlRow } from './transactions/sql-connection.js';
