import type { ServerDialect } from '../server.dialect.js';
import { describeError, faultOf } from './postgres.errors.js';
import { PostgresRows } from './postgres.rows.js';
import { PostgresSchemaSteps } from './postgres.schema.js';

/** How PostgreSQL differs from other servers. */
export const POSTGRES: ServerDialect = {
  name: 'postgres',
  rowsOf: (table) => new PostgresRows(table),
  schemaOf: (table) => new PostgresSchemaSteps(table),
  faultOf,
  describe: describeError,
};
