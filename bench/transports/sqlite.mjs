import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A database file in a directory of its own.
 *
 * @type {import('../types.d.ts').Transport}
 */
export default {
  name: 'sqlite',
  async open() {
    const directory = await mkdtemp(join(tmpdir(), 'messenger-bench-'));
    return {
      address: join(directory, 'bench.db'),
      close: () => rm(directory, { recursive: true, force: true }),
    };
  },
};
