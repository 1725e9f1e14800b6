import { textOfThrown } from '../../../../errors/text-of-thrown.js';
import type { ServerFault } from '../server.dialect.js';
import { MysqlBusyError } from './mysql.busy-error.js';
import { MysqlPacketError } from './mysql.packet-error.js';
import { MysqlVersionError } from './mysql.version-error.js';

/** What the numbers of MySQL's and MariaDB's errors mean to a user. */
const ADVICE: ReadonlyArray<
  readonly [numbers: readonly number[], describe: (server: string, text: string) => string]
> = [
  [
    [1045, 1698],
    (server, text) =>
      `${server} does not let this user in (${text}). Check user name and password of the DSN.`,
  ],
  [
    [1044, 1142, 1143, 1227, 1370],
    (server, text) =>
      `the user has no permission for this on ${server} (${text}). It needs SELECT, INSERT, UPDATE and DELETE on the tables; to create ` +
      'them, run "setup-transports" as a user who may.',
  ],
  [
    [1049],
    (server, text) => `${server} has no such database (${text}). Create it, or name another in the DSN.`,
  ],
  [[1046], (server) => `no database is named on ${server}. Name one in the DSN, as its path.`],
  [
    [1146],
    (server, text) =>
      `a table is missing on ${server} (${text}). Run the command "setup-transports", or leave "auto_setup" on.`,
  ],
  [
    [1040, 1203, 1226],
    (server, text) =>
      `${server} has no connection left (${text}). Lower "pool_size", or raise its "max_connections".`,
  ],
  [[1021, 1041, 1114], (server) => `${server} has no room left. Nothing of this call was stored.`],
  [
    [1209, 1290, 1792, 1836],
    (server, text) => `${server} is read-only (${text}). Name the primary in the DSN.`,
  ],
  [[1665], (server) => `${server} writes its log by statement. Set its "binlog_format" to "MIXED" or "ROW".`],
  [
    [3159, 4150],
    (server) => `${server} wants TLS. Add "ssl-mode=verify_identity" or another mode to the DSN.`,
  ],
  [[1053, 1077, 1079, 1927], (server, text) => `${server} has ended the connection (${text}).`],
];

/** What to do about a connection that could not be made or was lost, by what Node.js says: the driver hides some of its codes. */
const CONNECTION_ADVICE: ReadonlyArray<readonly [text: RegExp, advice: string]> = [
  [
    /self.signed|unable.to.(get|verify)|untrusted/i,
    'Its certificate is not trusted: name the file of its authority\'s certificate as "ssl-ca"',
  ],
  [/altname/i, 'Its certificate is for another host: "ssl-mode=verify_ca" does not compare the names'],
  [/certificate (has expired|is not yet valid)/i, 'Renew its certificate'],
  [/EACCES|EPERM/, 'This process may not use the socket'],
];

/** It was undone because of others, and may be tried again: deadlock, a lock that took too long, a row that has changed. */
const CONFLICTS: readonly number[] = [1020, 1205, 1213, 3572];

/** The server ends the connection with these: shutdown, KILL, idle for too long. */
const ENDS: readonly number[] = [1053, 1077, 1079, 1927, 4031];

const READ_ONLY: readonly number[] = [1209, 1290, 1792, 1836];

const PACKET_TOO_LARGE = 1153;

/** Errors about what was sent that have no state of their own: a row that is too large, a text that is none, a packet. */
const OF_STATEMENT: readonly number[] = [1118, 1366, PACKET_TOO_LARGE];

/** Their texts say what to do. */
const OWN_ERRORS = [MysqlVersionError, MysqlPacketError, MysqlBusyError];

interface MysqlError {
  readonly errno: number;
  readonly sqlState: string;
}

/** The error of a server, not of the driver or of the network. */
function serverErrorOf(error: unknown): MysqlError | undefined {
  const { errno, sqlState } = (error ?? {}) as { errno?: unknown; sqlState?: unknown };
  return typeof errno === 'number' && typeof sqlState === 'string' && !isEnd(errno, sqlState)
    ? { errno, sqlState }
    : undefined;
}

/** 08S01 is the state of what happens on the network, and of two errors that are told, not suffered. */
function isEnd(errno: number, state: string): boolean {
  return ENDS.includes(errno) || (state === '08S01' && errno !== PACKET_TOO_LARGE && errno !== 1047);
}

/** Also of an error that an ORM has wrapped. */
export function isMissingTable(error: unknown): boolean {
  const { cause, driverError, original } = (error ?? {}) as Readonly<Record<string, unknown>>;
  return [error, cause, driverError, original].some((each) => serverErrorOf(each)?.errno === 1146);
}

/** Whether a connection is of no use after an error. One to a server that has become a replica leads to the wrong one. */
export function endsConnection(error: unknown): boolean {
  const { errno } = serverErrorOf(error) ?? {};
  return errno === undefined || errno === PACKET_TOO_LARGE || READ_ONLY.includes(errno);
}

export function faultOf(error: unknown): ServerFault {
  if (error instanceof MysqlPacketError) {
    return 'statement';
  }
  if (error instanceof MysqlBusyError) {
    return 'refused';
  }
  const found = serverErrorOf(error);
  if (found === undefined) {
    return 'lost';
  }
  const { errno, sqlState } = found;
  if (CONFLICTS.includes(errno)) {
    return 'conflict';
  }
  return OF_STATEMENT.includes(errno) || /^2[23]/.test(sqlState) ? 'statement' : 'refused';
}

/** What went wrong on `server` and what to do about it. */
export function describeError(error: unknown, server: string): string {
  const text = textOfThrown(error, 'an error that cannot be read').replace(/\.$/, '');
  if (OWN_ERRORS.some((type) => error instanceof type)) {
    return `${server} cannot do this: ${text}.`;
  }
  const { errno } = (error ?? {}) as { errno?: unknown };
  const describe = ADVICE.find(([numbers]) => numbers.includes(errno as number))?.[1];
  if (describe !== undefined) {
    return describe(server, text);
  }
  const found = serverErrorOf(error);
  return found === undefined
    ? describeConnectionError(error, text, server)
    : `${server} refused a statement (${found.errno}, ${found.sqlState}: ${text}).`;
}

function describeConnectionError(error: unknown, text: string, server: string): string {
  const { code } = (error ?? {}) as { code?: unknown };
  const known = typeof code === 'string' ? code : '';
  if (known === 'HANDSHAKE_NO_SSL_SUPPORT') {
    return `${server} does not speak TLS. Write "ssl-mode=disabled" in the DSN, or let it speak TLS.`;
  }
  const found = CONNECTION_ADVICE.find(([pattern]) => pattern.test(`${known} ${text}`))?.[1];
  const advice = found ?? 'Check that it runs and that the DSN names it';
  // An AggregateError, of several addresses of one host, has no text of its own.
  return `${server} does not answer (${text || known}). ${advice}.`;
}
