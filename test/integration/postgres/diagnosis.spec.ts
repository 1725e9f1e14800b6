import { Pool } from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { application, note } from './setup.js';
import { openPool, postgresDsn } from './support/shared-postgres.js';

/** How the shared server writes to its disk, and whether it vacuums, is not this test's business. */
const OF_SERVER = ['postgres.unsafe-writes', 'postgres.autovacuum'];

const codesOf = (findings: ReadonlyArray<{ readonly code: string }>): readonly string[] =>
  findings.map(({ code }) => code).filter((code) => !OF_SERVER.includes(code));

describe('the diagnosis of a PostgreSQL transport', () => {
  it('finds nothing before and after its table is made, and does not make it', async () => {
    const { open, table } = application();
    const transport = open();
    const pool = openPool();
    onTestFinished(() => pool.end());

    expect(codesOf(await transport.diagnose())).toEqual([]);
    expect((await pool.query('SELECT to_regclass($1) AS found', [table])).rows).toEqual([{ found: null }]);
    await transport.send([note('a')]);
    expect(codesOf(await transport.diagnose())).toEqual([]);
  });

  it('finds a table that is not logged', async () => {
    const { open, table } = application();
    const transport = open();
    await transport.setup();
    const pool = openPool();
    onTestFinished(() => pool.end());

    await pool.query(`ALTER TABLE "${table}" SET UNLOGGED`);

    expect(codesOf(await transport.diagnose())).toEqual(['postgres.unlogged-table']);
  });

  it('finds a table that is not vacuumed', async () => {
    const { open, table } = application();
    const transport = open();
    await transport.setup();
    const pool = openPool();
    onTestFinished(() => pool.end());

    await pool.query(`ALTER TABLE "${table}" SET (autovacuum_enabled = false)`);

    expect((await transport.diagnose()).map(({ code }) => code)).toContain('postgres.autovacuum');
  });

  it('goes by the settings of its own connections', async () => {
    const connectionString = postgresDsn({});
    const connection = new Pool({ connectionString, options: '-c synchronous_commit=off' });
    onTestFinished(() => connection.end());

    const { open } = application({ connection });

    expect(codesOf(await open().diagnose())).toEqual(['postgres.synchronous-commit']);
  });

  it('fails if nobody answers', async () => {
    const { open } = application({ dsnOf: () => 'postgres://127.0.0.1:1/none' });

    await expect(open().diagnose()).rejects.toThrow(/^Transport "async": /);
  });
});
