import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TransportError } from '../../../errors/transport.error.js';
import type { SqliteDatabase, SqliteDriver } from './sqlite.driver.js';
import { sqliteCodeOf } from './sqlite.errors.js';
import { IN_MEMORY } from './sqlite.options.js';

/** A burst makes the write-ahead log grow; the next checkpoint that empties it cuts it back to this size. */
const MAX_IDLE_WAL_BYTES = 64 * 1024 * 1024;

/** How long to wait before asking again for the lock that a change of the journal mode needs. */
const LOCK_RETRY_MS = 20;

/** How to open a file. */
export interface OpenSettings {
  /** Absolute path, or `:memory:`. */
  readonly file: string;
  /** Milliseconds. */
  readonly busyTimeout: number;
  readonly synchronous: 'normal' | 'full';
}

/**
 * Opens a file, creating it and its folder if need be, for use by several processes.
 *
 * @param transportName named in the error.
 * @throws TransportError when the file system cannot hold a write-ahead log; otherwise the driver's own error.
 */
export async function openSqlite(
  transportName: string,
  driver: SqliteDriver,
  { file, busyTimeout, synchronous }: OpenSettings,
): Promise<SqliteDatabase> {
  if (file !== IN_MEMORY) {
    createFolder(transportName, dirname(file));
  }
  const database = driver.open(file);
  try {
    database.exec(`PRAGMA busy_timeout = ${busyTimeout}`);
    await useWriteAheadLog(transportName, database, file, busyTimeout);
    database.exec(`PRAGMA synchronous = ${synchronous.toUpperCase()}`);
    database.exec(`PRAGMA journal_size_limit = ${MAX_IDLE_WAL_BYTES}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Closes a file and leaves it whole, its log empty unless other processes still use it. */
export function closeSqlite(database: SqliteDatabase): void {
  try {
    // SQLite does it by itself once all statements are finalized, for which some drivers wait until memory is collected.
    database.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // Whoever opens the file next reads what is in the log.
  }
  database.close();
}

/** Step by step: `mkdir` with `recursive` never returns for a folder in `/proc`, and its errors do not name the folder. */
function createFolder(transportName: string, folder: string): void {
  if (existsSync(folder)) {
    return;
  }
  // A root is its own parent; on Windows, that of a drive may be missing.
  if (dirname(folder) !== folder) {
    createFolder(transportName, dirname(folder));
  }
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EEXIST') {
      const problem = `the folder "${folder}" cannot be created. Create it, or give this process write access to the folder above.`;
      throw new TransportError(transportName, problem, { cause: error });
    }
  }
}

async function useWriteAheadLog(
  transportName: string,
  database: SqliteDatabase,
  file: string,
  busyTimeout: number,
): Promise<void> {
  const deadline = performance.now() + busyTimeout;
  for (;;) {
    try {
      const mode = (database.prepare('PRAGMA journal_mode = WAL').get() as { journal_mode: string })
        .journal_mode;
      if (mode !== 'wal' && file !== IN_MEMORY) {
        const problem = `"${file}" cannot have a write-ahead log (its journal mode stays "${mode}"). Put it on a local disk.`;
        throw new TransportError(transportName, problem);
      }
      return;
    } catch (error) {
      // Of several processes that open a new file at once, SQLite refuses all but one without regard to busy_timeout.
      if (sqliteCodeOf(error) !== 'BUSY' || performance.now() >= deadline) {
        throw error;
      }
      await sleep(LOCK_RETRY_MS);
    }
  }
}
