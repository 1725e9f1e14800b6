import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadSqliteDriver, type SqliteDriverName } from '../../../lib/transports/sql/sqlite/sqlite.driver.js';
import { idsInText } from '../app/messages.js';
import type { ChaosRig, RigKind, RigOptions } from './chaos-rig.js';
import { queryString } from './naming.js';

const LEASE_S = 1;

/** A file in the folder of the run. There is no server, and nothing between it and the processes. */
export const sqliteRig: RigKind = {
  transport: 'sqlite',
  open: ({ folder, query }) => Promise.resolve(rigIn(join(folder, 'queue.db'), query)),
};

function rigIn(file: string, ofRig: RigOptions['query']): ChaosRig {
  // Two libraries of SQLite in one process take each other's locks and logs away.
  const driver = ofRig?.['driver'] as SqliteDriverName | undefined;
  return {
    transport: 'sqlite',
    redeliveryMs: LEASE_S * 1000 + 1000,
    settlingMs: 0,
    answersSettlements: true,
    requeuesAtomically: true,
    proxy: undefined,
    broker: undefined,
    dsn: (queue, query) =>
      `sqlite:${file}?${queryString({ redeliver_timeout: LEASE_S, queue_name: queue }, ofRig, query)}`,
    idsIn: (queue) => Promise.resolve(existsSync(file) ? idsOf(file, queue, driver) : []),
    // The file goes with the folder.
    dispose: () => Promise.resolve(),
  };
}

function idsOf(file: string, queue: string, driver: SqliteDriverName | undefined): readonly string[] {
  const database = loadSqliteDriver('rig', driver).open(file);
  try {
    const rows = database
      .prepare('SELECT CAST(body AS TEXT) AS body FROM messenger_messages WHERE queue_name = ?')
      .all(queue) as ReadonlyArray<{ readonly body: string }>;
    return rows.flatMap(({ body }) => idsInText(body));
  } finally {
    database.close();
  }
}
