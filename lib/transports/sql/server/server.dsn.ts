import { isIPv6 } from 'node:net';
import { InvalidDsnError } from '../../../errors/invalid-dsn.error.js';
import type { Dsn } from '../../../transport/dsn.js';

/** What stands before the query of a server's DSN. */
export interface ServerAddress {
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly dbname?: string;
}

/** `name`, `name:port`, `[address]`, `[address]:port`. */
const HOST_AND_PORT = /^(?:\[([^\]]*)\]|([^:]*))(?::([^:]*))?$/;
const HOST_NAME = /^[\p{L}\p{N}_](?:[\p{L}\p{N}._-]{0,251}[\p{L}\p{N}_.])?$/u;

const ESCAPES =
  'if it has a user name and a password, each "/" in them must be written "%2F", each "?" "%3F", each "@" "%40" and each "%" "%25"';

/**
 * Parses the part before the query of `scheme://user:password@host:port/database`. Each part may be left out. A host that is an
 * escaped path, `%2Fvar%2Frun%2Fpostgresql`, means a socket.
 *
 * @param example shown for a DSN that has no host.
 * @throws InvalidDsnError for what cannot be understood, without secrets.
 */
export function parseServerDsn(transportName: string, dsn: Dsn, example: string): ServerAddress {
  const fail: Fail = (reason, options) => {
    throw new InvalidDsnError(transportName, shown(dsn), reason, options);
  };
  if (dsn.rest === '') {
    return {};
  }
  if (!dsn.rest.startsWith('//')) {
    return fail(`a host must follow "//", as in "${example}"`);
  }
  const [authority = '', ...path] = dsn.rest.slice(2).split('/');
  const at = authority.lastIndexOf('@');
  const database = databaseOf(path, fail);
  return {
    ...(at !== -1 && credentialsOf(authority.slice(0, at), fail)),
    ...hostOf(authority.slice(at + 1), fail),
    ...(database !== '' && { dbname: database }),
  };
}

type Fail = (reason: string, options?: ErrorOptions) => never;

/** Without what may be a piece of a secret: all of it if there is an "@" in a place of its own. */
function shown(dsn: Dsn): string {
  const [address = ''] = dsn.toString().split('?', 1);
  const hasUser = dsn.rest.replace(/^\/\//, '').split('/', 1)[0]?.includes('@') ?? false;
  return hasUser || !dsn.rest.slice(2).includes(':') ? address : `${dsn.scheme}://***`;
}

function credentialsOf(text: string, fail: Fail): ServerAddress {
  const colon = text.indexOf(':');
  const user = decode(colon === -1 ? text : text.slice(0, colon), 'its user name', fail);
  const password = colon === -1 ? '' : decode(text.slice(colon + 1), 'its password', fail);
  return { ...(user !== '' && { user }), ...(password !== '' && { password }) };
}

function hostOf(text: string, fail: Fail): ServerAddress {
  if (text === '') {
    return {};
  }
  if (text.includes(',')) {
    return fail('it names several hosts; name one, or an address that always leads to the primary');
  }
  const [, bracketed, name, port] = HOST_AND_PORT.exec(text) ?? [];
  const host = bracketed ?? decode(name ?? '', 'its host', fail);
  const isHost = bracketed === undefined ? host.startsWith('/') || HOST_NAME.test(host) : isIPv6(bracketed);
  if (host !== '' && !isHost) {
    return fail(
      `its host must be a name of letters, digits, "-", "_" and ".", an address, or the escaped path of a socket; ${ESCAPES}`,
    );
  }
  if (host === '' && port === undefined) {
    return fail(`its host cannot be understood; ${ESCAPES}`);
  }
  return { ...(host !== '' && { host }), ...(port !== undefined && { port: portOf(port, fail) }) };
}

function portOf(text: string, fail: Fail): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : fail(`its port must be a number from 1 to 65535; ${ESCAPES}`);
}

function databaseOf(path: readonly string[], fail: Fail): string {
  const [database = '', ...more] = path;
  if (more.some((segment) => segment !== '') || database.includes('@')) {
    return fail(`its path must be the name of a database; ${ESCAPES}`);
  }
  return decode(database, 'its database', fail);
}

function decode(text: string, what: string, fail: Fail): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    return fail(`${what} has a broken "%" escape; write a percent sign as "%25"`, { cause: error });
  }
}
