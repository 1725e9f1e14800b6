import { describe, expect, it, vi } from 'vitest';
import { loadSqliteDriver, type SqliteDatabase } from '../../../lib/transports/sql/sqlite/sqlite.driver.js';
import { IMPATIENT } from './impatient.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import { sqliteRig } from '../rigs/sqlite.rig.js';
import type { LocalWorker } from '../local-worker.js';
import { passes, survivesFullStore } from './full-store.js';

/** Its methods can be watched. */
const DRIVER = 'libsql';

/** The connection to the file of the rig, among all that `open` makes. */
async function connectionOpenedBy(open: () => Promise<void>): Promise<SqliteDatabase> {
  const database = loadSqliteDriver('test', DRIVER).open(':memory:');
  const { prototype } = database.constructor as { readonly prototype: SqliteDatabase };
  database.close();
  const spy = vi.spyOn(prototype, 'exec');
  try {
    await open();
    const opened = (spy.mock.contexts as readonly SqliteDatabase[]).find(
      (each) => fileOf(each)?.endsWith('queue.db') === true,
    );
    if (opened === undefined) {
      throw new TypeError('Nothing has opened the file of the rig.');
    }
    return opened;
  } finally {
    spy.mockRestore();
  }
}

/** Nothing if it is closed. */
function fileOf(database: SqliteDatabase): string | undefined {
  try {
    return (database.prepare('PRAGMA database_list').get() as { readonly file: string }).file;
  } catch {
    return undefined;
  }
}

describe('scenario 32: a file that may not be written', () => {
  describe('on sqlite', () => {
    it(
      'makes dispatches reject; what was accepted is handled when it may be written again',
      async () => {
        const run = await ChaosRun.start(sqliteRig, { rig: { query: { driver: DRIVER } } });
        let worker: LocalWorker | undefined;
        const connection = await connectionOpenedBy(async () => {
          worker = await run.localWorker({ ...IMPATIENT, concurrency: 2 });
          await passes(run);
        });
        await survivesFullStore(run, worker as unknown as LocalWorker, (isFull) => {
          connection.exec(`PRAGMA query_only = ${isFull ? 1 : 0}`);
        });
        await worker?.stop();
        expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
      },
      2 * CHAOS_DEADLINE_MS,
    );
  });
});
