import { textOfThrown } from '../../../../errors/text-of-thrown.js';
import type { ServerFault } from '../server.dialect.js';

/** What PostgreSQL's error codes mean to a user, by code or class, see appendix A of its manual. */
const ADVICE: ReadonlyArray<readonly [code: RegExp, describe: (server: string, text: string) => string]> = [
  [/^28P01/, (server) => `${server} does not accept the password of the DSN.`],
  [
    /^28/,
    (server, text) =>
      `${server} does not let this user in (${text}). Check the user name, and whether it wants TLS: then add "sslmode=require" to the DSN.`,
  ],
  [
    /^3D000/,
    (server, text) => `${server} has no such database (${text}). Create it, or name another in the DSN.`,
  ],
  [/^3F000/, (server, text) => `${server} has no such schema (${text}). Create it, or change "table_name".`],
  [
    /^42501/,
    (server, text) =>
      `the user has no permission for this on ${server} (${text}). It needs SELECT, INSERT, UPDATE and DELETE on the tables; to create ` +
      'them, run "setup-transports" as a user who may.',
  ],
  [
    /^42P01/,
    (server, text) =>
      `a table is missing on ${server} (${text}). Run the command "setup-transports", or leave "auto_setup" on.`,
  ],
  [
    /^53300/,
    (server) => `${server} has no connection left. Lower "pool_size", or raise its "max_connections".`,
  ],
  [/^53100/, (server) => `the disk of ${server} is full. Nothing of this call was stored.`],
  [/^25006/, (server) => `${server} is a standby or read-only. Name the primary in the DSN.`],
  [
    /^25P02/,
    (server, text) =>
      `${server} has undone a transaction in which a statement had failed (${text}). Do not go on after an error of a statement, or ` +
      'run the statement within a SAVEPOINT.',
  ],
  [/^57P03/, (server, text) => `${server} is not ready (${text}).`],
  [/^57014/, (server, text) => `${server} has cancelled a statement (${text}).`],
  [
    /^22P05|^22021/,
    (server, text) => `the encoding of ${server} cannot hold a message (${text}). Its encoding must be UTF8.`,
  ],
];

/** What to do about a connection that could not be made or was lost, by the code of Node.js's error. */
const CONNECTION_ADVICE: ReadonlyArray<readonly [code: RegExp, advice: string]> = [
  [
    /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_UNTRUSTED/,
    'Its certificate is not trusted: name the file of its authority\'s certificate as "sslrootcert"',
  ],
  [/ALTNAME_INVALID/, 'Its certificate is for another host: "sslmode=verify-ca" does not compare the names'],
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, 'Renew its certificate'],
  [/EACCES|EPERM/, 'This process may not use the socket'],
];

/** The codes of what was undone since others were in the way. */
const UNDONE = ['40001', '40P01'];

/** The codes for a prepared statement whose name is not known, and for one whose name is known already. */
const NOT_AS_PREPARED = ['26000', '42P05'];

/** Whether a statement was not carried out since the server keeps others for us than we think: a pooler has swapped connections. */
export function isUnknownStatement(error: unknown): boolean {
  return NOT_AS_PREPARED.includes(sqlStateOf(error) ?? '');
}

/** Whether the server has answered with an error, so that the connection works as long as it does not say otherwise. */
export function isOfServer(error: unknown): boolean {
  return sqlStateOf(error) !== undefined && !isEnd(sqlStateOf(error) ?? '');
}

/** Also of an error that an ORM has wrapped. */
export function isMissingTable(error: unknown): boolean {
  const { cause, driverError } = (error ?? {}) as { cause?: unknown; driverError?: unknown };
  return [error, cause, driverError].some((each) => sqlStateOf(each) === '42P01');
}

/** PostgreSQL's code of an error, such as `42P01`; nothing if the error is not PostgreSQL's. */
export function sqlStateOf(error: unknown): string | undefined {
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && typeof severity === 'string' && /^[0-9A-Z]{5}$/.test(code)
    ? code
    : undefined;
}

export function faultOf(error: unknown): ServerFault {
  const state = sqlStateOf(error);
  if (state === undefined || isEnd(state)) {
    return 'lost';
  }
  if (UNDONE.includes(state) || isUnknownStatement(error)) {
    return 'conflict';
  }
  return /^(22|23|54)/.test(state) ? 'statement' : 'refused';
}

/** What went wrong on `server` and what to do about it. */
export function describeError(error: unknown, server: string): string {
  const text = textOfThrown(error, 'an error that cannot be read').replace(/\.$/, '');
  const state = sqlStateOf(error);
  if (state === undefined) {
    return describeConnectionError(error, text, server);
  }
  const describe = ADVICE.find(([code]) => code.test(state))?.[1];
  return describe?.(server, text) ?? `${server} refused a statement (${state}: ${text}).`;
}

/** The server, or who stands before it, has ended the connection. */
function isEnd(state: string): boolean {
  return state.startsWith('08') || ['57P01', '57P02', '57P05', '25P03'].includes(state);
}

function describeConnectionError(error: unknown, text: string, server: string): string {
  const { code } = (error ?? {}) as { code?: unknown };
  const known = typeof code === 'string' ? code : '';
  const found = CONNECTION_ADVICE.find(([pattern]) => pattern.test(known))?.[1];
  if (/does not support SSL/.test(text)) {
    return `${server} does not speak TLS. Write "sslmode=disable" in the DSN, or let it speak TLS.`;
  }
  const advice = found ?? 'Check that it runs and that the DSN names it';
  // An AggregateError, of several addresses of one host, has no text of its own.
  return `${server} does not answer (${text || known}). ${advice}.`;
}
