import type { ServerDialect } from '../server.dialect.js';
import { describeError, faultOf, isMissingTable } from './postgres.errors.js';
import { postgresFindings } from './postgres.findings.js';
import { PostgresLocks } from './postgres.locks.js';
import { PostgresRoll } from './postgres.roll.js';
import { PostgresRows } from './postgres.rows.js';
import { quoteIdentifier } from './postgres.names.js';
import { inboxOf, PostgresSchemaSteps, whereaboutsOf } from './postgres.schema.js';

/** How PostgreSQL differs from other servers. */
export const POSTGRES: ServerDialect = {
  name: 'postgres',
  rowsOf: (table) => new PostgresRows(table),
  locksOf: (table) => new PostgresLocks(table),
  rollOf: (table) => new PostgresRoll(table),
  inboxOf: (table) => quoteIdentifier(inboxOf(table)),
  schemaOf: (table) => new PostgresSchemaSteps(table),
  whereabouts: whereaboutsOf,
  findings: postgresFindings,
  faultOf,
  isMissingTable,
  describe: describeError,
};
