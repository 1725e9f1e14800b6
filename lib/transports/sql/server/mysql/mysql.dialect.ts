import type { ServerDialect } from '../server.dialect.js';
import type { MysqlDriver } from './mysql.driver.js';
import { describeError, faultOf } from './mysql.errors.js';
import { MysqlRows } from './mysql.rows.js';
import { MysqlSchemaSteps } from './mysql.schema.js';

/** How MySQL and MariaDB differ from other servers. */
export function mysqlDialect(driver: Pick<MysqlDriver, 'format'>): ServerDialect {
  return {
    name: 'mysql',
    rowsOf: (table) => new MysqlRows(table, driver),
    schemaOf: (table) => new MysqlSchemaSteps(table),
    faultOf,
    describe: describeError,
  };
}
