import type { Finding } from '../../../../transport/finding.js';
import type { SqlConnection } from '../../transactions/sql-connection.js';
import { parseTableName } from './mysql.names.js';

const FLUSH = 'SELECT @@GLOBAL.innodb_flush_log_at_trx_commit AS flush_log';

const ENGINE =
  'SELECT ENGINE AS engine FROM information_schema.TABLES WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?';

/** How the server, and the table if it is there, may lose what was committed. */
export async function mysqlFindings(connection: SqlConnection, name: string): Promise<readonly Finding[]> {
  const { database = null, table } = parseTableName(name);
  const { rows: settings } = await connection.query(FLUSH, []);
  const { rows: tables } = await connection.query(ENGINE, [database, table]);
  const engine = tables[0]?.['engine'] as string | undefined;
  return [
    ...lateFlush(Number(settings[0]?.['flush_log'] ?? 1)),
    ...(engine === undefined || engine === 'InnoDB' ? [] : [otherEngine(name, engine)]),
  ];
}

/** @param setting 1 and, on MariaDB, 3 write each commit through to the disk. */
function lateFlush(setting: number): readonly Finding[] {
  if (setting === 1 || setting === 3) {
    return [];
  }
  return [
    {
      code: 'mysql.flush-log',
      level: setting === 0 ? 'loss' : 'advice',
      problem:
        setting === 0
          ? 'the server has "innodb_flush_log_at_trx_commit" 0: when it crashes, what was committed in about the last second is lost.'
          : 'the server has "innodb_flush_log_at_trx_commit" 2: a power failure, not a crash of the server, loses about the last second.',
      remedy: 'Run: SET GLOBAL innodb_flush_log_at_trx_commit = 1; and set it in the configuration file.',
    },
  ];
}

function otherEngine(table: string, engine: string): Finding {
  return {
    code: 'mysql.engine',
    level: 'loss',
    problem: `the table "${table}" has the engine ${engine}, which has no transactions: a crash may lose messages or damage it.`,
    remedy: 'Run: ALTER TABLE … ENGINE = InnoDB.',
  };
}
