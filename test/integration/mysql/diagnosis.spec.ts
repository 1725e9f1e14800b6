import { describe, expect, it } from 'vitest';
import { applicationOn, note, place } from './setup.js';

// How the shared server writes to its disk is not this test's business.
const codesOf = (findings: ReadonlyArray<{ readonly code: string }>): readonly string[] =>
  findings.map(({ code }) => code).filter((code) => code !== 'mysql.flush-log');

describe('the diagnosis of a MySQL transport', () => {
  it('finds nothing before and after its table is made, and does not make it', async () => {
    const { table, pool, application } = place();
    const transport = application().open();

    expect(codesOf(await transport.diagnose())).toEqual([]);
    const [tables] = await pool.query('SHOW TABLES LIKE ?', [table]);
    expect(tables).toEqual([]);
    await transport.send([note('a')]);
    expect(codesOf(await transport.diagnose())).toEqual([]);
  });

  it('finds a table with another engine', async () => {
    const { table, pool, application } = place();
    const transport = application().open();
    await transport.setup();

    await pool.query(`ALTER TABLE \`${table}\` ENGINE = MyISAM ROW_FORMAT = DEFAULT`);

    expect(codesOf(await transport.diagnose())).toEqual(['mysql.engine']);
  });

  it('fails if nobody answers', async () => {
    const transport = applicationOn('mysql://127.0.0.1:1/none').open();

    await expect(transport.diagnose()).rejects.toThrow(/^Transport "async": /);
  });
});
