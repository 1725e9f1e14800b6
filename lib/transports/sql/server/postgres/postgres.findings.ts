import type { Finding } from '../../../../transport/finding.js';
import type { SqlConnection } from '../../transactions/sql-connection.js';
import { quoteIdentifier } from './postgres.names.js';

const FACTS =
  `SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS pages, ` +
  `current_setting('synchronous_commit') AS flush, current_setting('autovacuum') AS vacuum, relpersistence::text AS persistence, ` +
  `'autovacuum_enabled=false' = ANY(reloptions) AS "isNotVacuumed" ` +
  // One row also if there is no table.
  `FROM (SELECT) AS always LEFT JOIN pg_class ON oid = to_regclass($1::text)`;

/**
 * How the server, and the table if it is there, may lose what was committed, or grow without an end. The settings are those of this
 * connection.
 */
export async function postgresFindings(
  connection: SqlConnection,
  table: string,
): Promise<readonly Finding[]> {
  const { rows } = await connection.query(FACTS, [quoteIdentifier(table)]);
  const { fsync, pages, flush, vacuum, persistence, isNotVacuumed } = rows[0] ?? {};
  return [
    ...(fsync === 'off' || pages === 'off'
      ? [unsafeWrites(fsync === 'off' ? 'fsync' : 'full_page_writes')]
      : []),
    ...(flush === 'off' ? [LATE_COMMIT] : []),
    ...(persistence === 'u' || persistence === 't' ? [unloggedTable(table)] : []),
    ...(vacuum === 'off' || isNotVacuumed === true ? [unvacuumed(table, vacuum === 'off')] : []),
  ];
}

function unsafeWrites(setting: 'fsync' | 'full_page_writes'): Finding {
  return {
    code: 'postgres.unsafe-writes',
    level: 'loss',
    problem: `the server has "${setting}" off: a crash of its machine may damage the whole database.`,
    remedy: `Run: ALTER SYSTEM SET ${setting} = on; then: SELECT pg_reload_conf().`,
  };
}

const LATE_COMMIT: Finding = {
  code: 'postgres.synchronous-commit',
  level: 'loss',
  problem:
    '"synchronous_commit" is off for this user or database: a crash of PostgreSQL loses what was committed in about the last second, ' +
    'although dispatching has succeeded.',
  remedy:
    'Run: ALTER ROLE … SET synchronous_commit = on; or ALTER DATABASE, or ALTER SYSTEM, wherever it was switched off.',
};

function unloggedTable(table: string): Finding {
  return {
    code: 'postgres.unlogged-table',
    level: 'loss',
    problem: `the table "${table}" is unlogged or temporary: after a crash of PostgreSQL it is empty.`,
    remedy: `Run: ALTER TABLE ${quoteIdentifier(table)} SET LOGGED.`,
  };
}

function unvacuumed(table: string, isServer: boolean): Finding {
  return {
    code: 'postgres.autovacuum',
    level: 'advice',
    problem:
      `"autovacuum" is off for ${isServer ? 'the server' : `the table "${table}"`}: the table grows with each message that goes through it, ` +
      'until it takes the whole disk.',
    remedy: isServer
      ? 'Run: ALTER SYSTEM SET autovacuum = on; then: SELECT pg_reload_conf().'
      : `Run: ALTER TABLE ${quoteIdentifier(table)} RESET (autovacuum_enabled).`,
  };
}
