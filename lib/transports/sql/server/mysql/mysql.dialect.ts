import type { ServerDialect } from '../server.dialect.js';
import { ClaimStarts } from './mysql.claim-starts.js';
import type { MysqlDriver } from './mysql.driver.js';
import { describeError, faultOf, isMissingTable } from './mysql.errors.js';
import { mysqlFindings } from './mysql.findings.js';
import { MysqlLocks } from './mysql.locks.js';
import { quoteIdentifier } from './mysql.names.js';
import { MysqlRoll } from './mysql.roll.js';
import { MysqlRows } from './mysql.rows.js';
import { inboxOf, MysqlSchemaSteps } from './mysql.schema.js';

/** How MySQL and MariaDB differ from other servers. */
export function mysqlDialect(
  driver: Pick<MysqlDriver, 'format'>,
  newStarts: () => ClaimStarts = () => new ClaimStarts(),
): ServerDialect {
  return {
    name: 'mysql',
    rowsOf: (table) => new MysqlRows(table, driver, newStarts()),
    locksOf: (table) => new MysqlLocks(table, driver),
    rollOf: (table) => new MysqlRoll(table),
    inboxOf: (table) => quoteIdentifier(inboxOf(table)),
    schemaOf: (table) => new MysqlSchemaSteps(table),
    findings: mysqlFindings,
    faultOf,
    isMissingTable,
    describe: describeError,
  };
}
