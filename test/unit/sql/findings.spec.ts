import { describe, expect, it } from 'vitest';
import type { SqlConnection, SqlRow } from '../../../lib/transports/sql/transactions/sql-connection.js';
import { mysqlFindings } from '../../../lib/transports/sql/server/mysql/mysql.findings.js';
import { postgresFindings } from '../../../lib/transports/sql/server/postgres/postgres.findings.js';
import { sqliteFindings } from '../../../lib/transports/sql/sqlite/sqlite.findings.js';

/** Answers the statements that come, one after the other. */
function connection(...answers: readonly SqlRow[]): SqlConnection {
  const left = [...answers];
  return {
    query: () => {
      const row = left.shift();
      return Promise.resolve({ rows: row === undefined ? [] : [row], affected: 0 });
    },
  };
}

describe('a PostgreSQL server', () => {
  const SAFE = { fsync: 'on', pages: 'on', flush: 'on', vacuum: 'on', persistence: 'p', isNotVacuumed: null };

  it.each([
    [{}, []],
    [{ persistence: null }, []],
    [{ flush: 'remote_apply' }, []],
    [{ fsync: 'off' }, ['postgres.unsafe-writes']],
    [{ pages: 'off' }, ['postgres.unsafe-writes']],
    [{ flush: 'off' }, ['postgres.synchronous-commit']],
    [{ persistence: 'u' }, ['postgres.unlogged-table']],
  ])('with %j', async (row, codes) => {
    const findings = await postgresFindings(connection({ ...SAFE, ...row }), 'shop.messages');

    expect(findings.map(({ code, level }) => [code, level])).toEqual(codes.map((code) => [code, 'loss']));
  });

  it('should vacuum', async () => {
    const findings = (row: SqlRow) => postgresFindings(connection({ ...SAFE, ...row }), 'a.b');

    expect(await findings({ vacuum: 'off', isNotVacuumed: true })).toMatchObject([
      { code: 'postgres.autovacuum', level: 'advice', remedy: expect.stringContaining('ALTER SYSTEM') },
    ]);
    expect(await findings({ isNotVacuumed: true })).toMatchObject([
      { remedy: 'Run: ALTER TABLE "a"."b" RESET (autovacuum_enabled).' },
    ]);
    expect(await findings({ isNotVacuumed: false })).toEqual([]);
  });

  it('is told which setting and which table to change', async () => {
    const findings = await postgresFindings(connection({ ...SAFE, pages: 'off', persistence: 'u' }), 'a.b');

    expect(findings.map(({ remedy }) => remedy)).toEqual([
      'Run: ALTER SYSTEM SET full_page_writes = on; then: SELECT pg_reload_conf().',
      'Run: ALTER TABLE "a"."b" SET LOGGED.',
    ]);
  });
});

describe('a MySQL server', () => {
  it.each([
    [1, 'InnoDB', []],
    [3, 'InnoDB', []],
    [0, 'InnoDB', ['loss mysql.flush-log']],
    [2, 'InnoDB', ['advice mysql.flush-log']],
    [1, 'MyISAM', ['loss mysql.engine']],
  ])('with innodb_flush_log_at_trx_commit %d, and a table in %s', async (flush_log, engine, codes) => {
    const findings = await mysqlFindings(connection({ flush_log }, { engine }), 'messages');

    expect(findings.map(({ level, code }) => `${level} ${code}`)).toEqual(codes);
  });

  it('may have no table yet', async () => {
    expect(await mysqlFindings(connection({ flush_log: 1 }), 'messages')).toEqual([]);
  });
});

describe('an SQLite file', () => {
  it('may lose the last commits in a power failure, unless it is told not to', () => {
    expect(sqliteFindings('/a.db', 'normal')).toMatchObject([
      { code: 'sqlite.synchronous', level: 'advice' },
    ]);
    expect(sqliteFindings('/a.db', 'full')).toEqual([]);
    expect(sqliteFindings(':memory:', 'normal')).toEqual([]);
  });
});
