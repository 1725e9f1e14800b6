import { existsSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { application, note } from './setup.js';

describe('the diagnosis of an SQLite transport', () => {
  it('goes by how the file is opened, and does not make it', async () => {
    const { file, open } = application();
    const transport = open();

    expect(await transport.diagnose()).toMatchObject([{ code: 'sqlite.synchronous' }]);
    expect(existsSync(file)).toBe(false);
    await transport.send([note('a')]);
    expect(await transport.diagnose()).toHaveLength(1);
    expect(await application().open({ synchronous: 'full' }).diagnose()).toEqual([]);
  });

  it('fails if the file is no database', async () => {
    const { file, open } = application();
    writeFileSync(file, 'something else, and long enough not to be taken for an empty file');

    await expect(open().diagnose()).rejects.toThrow(/^Transport "async": /);
  });

  it('says of a database in memory that it is forgotten', () => {
    expect(application(':memory:').open().isEphemeral).toBe(true);
    expect(application().open().isEphemeral).toBe(false);
  });
});
