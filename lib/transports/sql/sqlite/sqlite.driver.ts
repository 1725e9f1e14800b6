import { MissingDriverError } from '../../../errors/missing-driver.error.js';
import { TransportError } from '../../../errors/transport.error.js';

/** The drivers that are tried, in this order. All are synchronous and speak the same small language. */
export const SQLITE_DRIVERS = ['node:sqlite', 'better-sqlite3', '@photostructure/sqlite', 'libsql'] as const;

export type SqliteDriverName = (typeof SQLITE_DRIVERS)[number];

/** What may be bound to a statement. */
export type SqliteValue = null | number | string | Uint8Array;

/** The part of a prepared statement that the transport uses. Every supported driver has it as it is. */
export interface SqliteStatement {
  run(...values: readonly SqliteValue[]): {
    readonly changes: number | bigint;
    readonly lastInsertRowid: number | bigint;
  };
  /** The first row, or `undefined`. Some drivers add keys of their own to it. */
  get(...values: readonly SqliteValue[]): unknown;
  all(...values: readonly SqliteValue[]): readonly unknown[];
}

/** The part of a database handle that the transport uses. */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  close(): unknown;
}

/** A loaded driver. */
export interface SqliteDriver {
  readonly name: SqliteDriverName;
  open(file: string): SqliteDatabase;
}

type DatabaseClass = new (file: string) => SqliteDatabase;

/** What to install where there is none, on Node.js before 22.13 then: versions that run there, the best fit first. */
const INSTALLABLE = ['@photostructure/sqlite@1', 'better-sqlite3@12', 'libsql'] as const;

/**
 * Loads `wanted`, or else the first driver that this Node.js and this installation have.
 *
 * @param transportName named in the error.
 * @throws MissingDriverError when none is there; TransportError when one is, but cannot be loaded.
 */
export function loadSqliteDriver(transportName: string, wanted?: SqliteDriverName): SqliteDriver {
  let obstacle: TransportError | undefined;
  for (const name of wanted === undefined ? SQLITE_DRIVERS : [wanted]) {
    try {
      const Database = databaseClassOf(transportName, name);
      return { name, open: (file) => new Database(file) };
    } catch (error) {
      obstacle ??= isAbsence(error, name) ? undefined : unloadable(transportName, name, error);
    }
  }
  const isPackage = wanted !== undefined && wanted !== 'node:sqlite';
  throw obstacle ?? new MissingDriverError(transportName, isPackage ? [wanted] : INSTALLABLE);
}

function databaseClassOf(transportName: string, name: SqliteDriverName): DatabaseClass {
  switch (name) {
    case 'node:sqlite':
      return (
        withoutSqliteWarning(() => require('node:sqlite') as unknown) as { DatabaseSync: DatabaseClass }
      ).DatabaseSync;
    case 'better-sqlite3':
      assertFitsNode(transportName, require('better-sqlite3/package.json') as { version: string });
      return require('better-sqlite3') as DatabaseClass;
    case '@photostructure/sqlite':
      return (require('@photostructure/sqlite') as { DatabaseSync: DatabaseClass }).DatabaseSync;
    case 'libsql':
      return require('libsql') as DatabaseClass;
  }
}

/** better-sqlite3 13 takes the process down with a segmentation fault before Node.js 22, which nothing can catch. */
function assertFitsNode(transportName: string, betterSqlite: { readonly version: string }): void {
  const major = Number.parseInt(betterSqlite.version, 10);
  const node = Number.parseInt(process.versions.node, 10);
  if (major >= 13 && node < 22) {
    const problem = `better-sqlite3 ${betterSqlite.version} needs Node.js 22 or later, and this is ${process.versions.node}.`;
    throw new TransportError(
      transportName,
      `${problem} Install version 12 of it, or "@photostructure/sqlite@1".`,
    );
  }
}

/** Node.js 22 prints a warning when node:sqlite is loaded; an application that never named it should not see it. */
function withoutSqliteWarning<T>(load: () => T): T {
  // eslint-disable-next-line typescript/unbound-method -- it is called with its process, and put back as it was.
  const emitWarning: (...args: never[]) => void = process.emitWarning;
  process.emitWarning = (...args: unknown[]): void => {
    if (!String(args[0]).includes('SQLite is an experimental feature')) {
      emitWarning.apply(process, args as never[]);
    }
  };
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

function unloadable(transportName: string, name: SqliteDriverName, cause: unknown): TransportError {
  if (cause instanceof TransportError) {
    return cause;
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  const problem = `the driver "${name}" is installed but cannot be loaded: ${reason}.`;
  return new TransportError(
    transportName,
    `${problem} Install a version that fits, or "@photostructure/sqlite@1".`,
    { cause },
  );
}

/** Whether it is the driver itself that is missing, rather than something the installed driver needs. */
function isAbsence(error: unknown, name: SqliteDriverName): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return (
    code === 'ERR_UNKNOWN_BUILTIN_MODULE' ||
    (code === 'MODULE_NOT_FOUND' && String(message).startsWith(`Cannot find module '${name}`))
  );
}
