import { MessengerError } from '../../../errors/messenger.error.js';
import { TransportError } from '../../../errors/transport.error.js';
import { SqliteFileHeldError } from './sqlite.file-lock.js';

/** SQLite's primary result codes that have something to tell a user, see https://www.sqlite.org/rescode.html. */
const CODE_NAMES: Readonly<Record<number, string>> = {
  1: 'ERROR',
  5: 'BUSY',
  6: 'LOCKED',
  7: 'NOMEM',
  8: 'READONLY',
  10: 'IOERR',
  11: 'CORRUPT',
  13: 'FULL',
  14: 'CANTOPEN',
  18: 'TOOBIG',
  19: 'CONSTRAINT',
  26: 'NOTADB',
};

const ADVICE: Readonly<Record<string, (file: string) => string>> = {
  BUSY: (file) =>
    `another process kept "${file}" locked for longer than "busy_timeout". Look for a long transaction on that file, or raise the option.`,
  READONLY: (file) =>
    `"${file}" cannot be written. Give this process write access to the file and to its folder, where SQLite keeps a "-wal" and a "-shm" file.`,
  IOERR: (file) =>
    `reading or writing "${file}" failed. Check the disk; a network file system cannot hold it. Nothing of this call was stored.`,
  CORRUPT: (file) =>
    `"${file}" is damaged. Restore a backup, or save what is left with: sqlite3 "${file}" .recover.`,
  FULL: (file) => `the disk that holds "${file}" is full. Free some space; nothing of this call was stored.`,
  CANTOPEN: (file) =>
    `"${file}" cannot be opened. Check that it is a file which this process may read and write.`,
  TOOBIG: () =>
    'a message is larger than SQLite can store (1,000,000,000 bytes). Store the payload elsewhere and send a reference.',
  NOTADB: (file) => `"${file}" is not an SQLite database. Check the path in the DSN.`,
};

/** The texts that SQLite has for some of them. */
const CODE_TEXTS: ReadonlyArray<readonly [text: string, name: string]> = [
  ['database is locked', 'BUSY'],
  ['database or disk is full', 'FULL'],
  ['attempt to write a readonly database', 'READONLY'],
  ['disk I/O error', 'IOERR'],
  ['database disk image is malformed', 'CORRUPT'],
  ['file is not a database', 'NOTADB'],
  ['unable to open database file', 'CANTOPEN'],
  ['string or blob too big', 'TOOBIG'],
];

/** The primary result code of a driver's error by name (`'BUSY'`, `'FULL'`), or `undefined` if it has none. */
export function sqliteCodeOf(error: unknown): string | undefined {
  const { errcode, rawCode, code } = (error ?? {}) as {
    errcode?: unknown;
    rawCode?: unknown;
    code?: unknown;
  };
  const extended = errcode ?? rawCode ?? openingCodeOf(error);
  if (typeof extended === 'number') {
    return CODE_NAMES[extended & 0xff];
  }
  if (typeof code === 'string' && code.startsWith('SQLITE_')) {
    return code.split('_')[1];
  }
  // @photostructure/sqlite gives no code with what it throws while it reads rows.
  return code === 'ERR_SQLITE_ERROR'
    ? CODE_TEXTS.find(([text]) => textOf(error).includes(text))?.[1]
    : undefined;
}

/** Whether one statement is to blame for `error`, rather than the file or the transaction it ran in. */
export function isStatementFault(error: unknown): boolean {
  const code = sqliteCodeOf(error);
  return code === undefined || code === 'ERROR' || code === 'CONSTRAINT' || code === 'TOOBIG';
}

/** A {@link TransportError} that says what to do about a driver's error. Errors of this package pass unchanged. */
export function toTransportError(transportName: string, file: string, error: unknown): MessengerError {
  if (error instanceof MessengerError) {
    return error;
  }
  const code = sqliteCodeOf(error);
  const advice =
    error instanceof SqliteFileHeldError ? heldHere : ADVICE[code === 'LOCKED' ? 'BUSY' : (code ?? '')];
  const text = advice?.(file) ?? `SQLite refused a statement on "${file}": ${textOf(error)}.`;
  return new TransportError(transportName, text, { cause: error });
}

function heldHere(file: string): string {
  return (
    `the transaction of an idempotent handler kept "${file}" locked for longer than "busy_timeout". Let such handlers do slow ` +
    'things before, or elsewhere; or raise the option.'
  );
}

/** libsql reports a failure to open in the text only: `ConnectionFailed("Unable to open … : 14")`. */
function openingCodeOf(error: unknown): number | undefined {
  const digits = /^ConnectionFailed\(.*: (\d+)"\)$/.exec(textOf(error))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
