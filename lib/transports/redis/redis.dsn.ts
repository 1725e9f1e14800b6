import { InvalidDsnError } from '../../errors/invalid-dsn.error.js';
import { quoted } from '../../errors/quoted.js';
import type { Dsn } from '../../transport/dsn.js';
import type { RedisCredentials } from './redis.endpoint.js';
import { type NamedHost, parseHost } from './redis.host.js';

/** The schemes of Redis DSNs, and whether they ask for TLS. */
const SCHEMES: ReadonlyMap<string, boolean> = new Map([
  ['redis', false],
  ['rediss', true],
  ['valkey', false],
  ['valkeys', true],
]);

/** Those of the DSNs that can be parsed here. */
export const REDIS_SCHEMES: readonly string[] = [...SCHEMES.keys()];

/** The path of a DSN: which stream, read as which consumer of which group. */
export interface RedisNames {
  readonly stream?: string;
  readonly group?: string;
  readonly consumer?: string;
}

/** What stands in a Redis DSN before its query. */
export interface RedisAddress {
  readonly isTls: boolean;
  /** The server or the nodes; empty if the DSN names none. */
  readonly hosts: readonly NamedHost[];
  readonly socketPath?: string;
  readonly credentials?: RedisCredentials;
  readonly names: RedisNames;
}

/** A DSN, and the transport that has it. */
interface Source {
  readonly transportName: string;
  readonly dsn: Dsn;
}

/** One of the DSNs that commas join. */
interface Node {
  readonly hosts: readonly NamedHost[];
  /** As written. */
  readonly user: string | undefined;
  readonly path: string;
}

const NODE_SEPARATOR = /,(?=[a-z][a-z0-9+.-]*:\/\/)/i;
const SCHEME = /^([a-z][a-z0-9+.-]*):/i;
const LATER_NODE = /,\s*(redis|valkey)s?:\/\//i;

/** What follows a ":" where a port belongs and none is: perhaps the password of a DSN without a host. */
const BAD_PORT = /:(?!\/\/)(?!\d{1,5}(?:[,/]|$))[^,/\]]+(?=[,/]|$)/g;

/**
 * Parses the part before the query of `redis://user:password@host:port/stream/group/consumer`, of its forms with several nodes,
 * and of `redis://password@/path/of.sock`.
 *
 * @param hasHostOption whether hosts are named elsewhere. Then a path without a host is that of a stream, not of a socket.
 * @throws InvalidDsnError for what cannot be understood, without secrets.
 */
export function parseRedisDsn(transportName: string, dsn: Dsn, hasHostOption: boolean): RedisAddress {
  const source = { transportName, dsn };
  const nodes = nodesOf(source);
  const hosts = nodes.flatMap((node) => node.hosts);
  const path = nodes.findLast((node) => node.path.length > 1)?.path ?? nodes.at(-1)?.path ?? '';
  const isSocket = hosts.length === 0 && path !== '' && !hasHostOption;
  const user = nodes.at(-1)?.user ?? nodes.find((node) => node.user !== undefined)?.user;
  if (hosts.length === 0 && path === '' && user !== undefined && !hasHostOption) {
    fail(source, 'no host follows the "@"');
  }
  const credentials = user === undefined ? undefined : credentialsOf(source, user);
  return {
    isTls: SCHEMES.get(dsn.scheme) ?? false,
    hosts,
    ...(credentials && { credentials }),
    ...(isSocket
      ? { socketPath: socketPathOf(source, path), names: {} }
      : { names: namesOf(source, path, user !== undefined) }),
  };
}

/**
 * Refuses a query that begins in a password: one that has an unknown key no later than the first "@", where the rest of the DSN
 * has none. Another error would name the key.
 *
 * @throws InvalidDsnError that tells how to write a user name and a password.
 */
export function refuseUserInQuery(transportName: string, dsn: Dsn, isKnown: (key: string) => boolean): void {
  const first = dsn.query.findIndex((pair) => pair.some((text) => text.includes('@')));
  if (!dsn.rest.includes('@') && dsn.query.slice(0, first + 1).some(([key]) => !isKnown(key))) {
    fail({ transportName, dsn }, 'its query has an "@" after what is no option');
  }
}

/**
 * Whether an "@" stands where it ends no user name and password, as it does when one of them holds a "/", "?" or "," that is not
 * escaped. What the DSN seems to say may be a piece of a secret then.
 */
function hasStrayAt({ rest, query }: Dsn): boolean {
  const hasUser = rest.split(NODE_SEPARATOR).some((node) =>
    node
      .replace(/^([a-z]+:)?\/\//i, '')
      .split(/[,/]/, 1)[0]
      ?.includes('@'),
  );
  return !hasUser && (rest.includes('@') || query.some(([key, value]) => `${key}${value}`.includes('@')));
}

function nodesOf(source: Source): readonly Node[] {
  const { rest, scheme, query } = source.dsn;
  if (query.some((pair) => pair.some((text) => LATER_NODE.test(text)))) {
    fail(source, 'a query must follow the last node');
  }
  const [first = '', ...others] = rest.split(NODE_SEPARATOR);
  const texts = others.map((text) => {
    const other = SCHEME.exec(text)?.[1]?.toLowerCase() ?? '';
    if (SCHEMES.get(other) !== SCHEMES.get(scheme)) {
      fail(source, 'all its nodes must have the same scheme');
    }
    return text.slice(other.length + 1);
  });
  const nodes = [first, ...texts].map((text) => nodeOf(source, text));
  if (nodes.length > 1 && nodes.some((node) => node.hosts.length === 0)) {
    fail(source, 'each of several nodes must have a host');
  }
  return nodes;
}

/** `//user:password@h1:6379,h2:6379/path`. */
function nodeOf(source: Source, text: string): Node {
  const hasSlashes = text.startsWith('//');
  const [authority = ''] = (hasSlashes ? text.slice(2) : text).split('/', 1);
  const path = text.slice(authority.length + (hasSlashes ? 2 : 0));
  const [user, ...places] = placesOf(source, authority);
  if (places.length === 1 && places[0] === '') {
    return { hosts: [], user, path };
  }
  if (!hasSlashes) {
    fail(source, 'a host must follow "//", as in "redis://host:6379"');
  }
  try {
    return { hosts: places.map(parseHost), user, path };
  } catch (error) {
    return fail(source, (error as Error).message);
  }
}

/** The user information of `a@h1,h2` or `a@h1,a@h2`, and the hosts. */
function placesOf(
  source: Source,
  authority: string,
): readonly [user: string | undefined, ...places: string[]] {
  const parts = authority.split(',').map((text) => {
    const at = text.lastIndexOf('@');
    return { user: at === -1 ? undefined : text.slice(0, at), place: text.slice(at + 1) };
  });
  const user = parts[0]?.user;
  if (parts.some((part, index) => index > 0 && part.user !== undefined && part.user !== user)) {
    fail(source, 'its hosts have different users', true);
  }
  return [user, ...parts.map(({ place }) => place)];
}

/** A single credential is the password; `default` is the user one is without a name. */
function credentialsOf(source: Source, text: string): RedisCredentials | undefined {
  const colon = text.indexOf(':');
  const what = 'its user name or password';
  const username = decode(source, text.slice(0, Math.max(colon, 0)), what);
  const password = decode(source, text.slice(colon + 1), what);
  return toCredentials(username, password);
}

/** The credentials that `username` and `password` amount to, as Symfony Messenger understands them; either may be empty. */
export function toCredentials(username: string, password: string): RedisCredentials | undefined {
  const name = username === 'default' ? '' : username;
  if (name !== '' && password !== '') {
    return { username: name, password };
  }
  const single = password === '' ? name : password;
  return single === '' ? undefined : { password: single };
}

function namesOf(source: Source, path: string, hasUser: boolean): RedisNames {
  const segments = path.replace(/^\//, '').replace(/\/+$/, '').split('/');
  if (segments.length > 3) {
    const extra = hasStrayAt(source.dsn) ? '' : `: ${quoted(segments.slice(3))}`;
    fail(source, `its path goes on after "/stream/group/consumer"${extra}`);
  }
  refuseUnescaped(source, path);
  if (!hasUser && segments.slice(0, 2).some((segment) => segment.includes('@'))) {
    fail(
      source,
      'it has an "@" in its path, which would be written "%40" in the name of a stream or a group',
    );
  }
  const [stream = '', group = '', consumer = ''] = segments.map((segment) =>
    decode(source, segment, 'its path'),
  );
  return { ...(stream && { stream }), ...(group && { group }), ...(consumer && { consumer }) };
}

function socketPathOf(source: Source, path: string): string {
  refuseUnescaped(source, path);
  const socket = decode(source, path, 'its path');
  if (socket.endsWith('/') || socket.includes('\0')) {
    fail(
      source,
      'it names neither a host nor a socket; write "redis://host:6379" or "redis:///path/of.sock"',
    );
  }
  return socket;
}

function refuseUnescaped(source: Source, path: string): void {
  if (path.includes(',')) {
    fail(source, 'hosts are joined by "," before the path; in the path a "," is written "%2C"');
  }
}

function decode(source: Source, text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    const hint = /%env\(/.test(text)
      ? '"%env(…)%" is filled in by Symfony only: leave it out and set MESSENGER_CONSUMER_NAME, or write the DSN in code'
      : 'write a percent sign as "%25"';
    return fail(source, `${what} has a broken "%" escape; ${hint}`, false, { cause: error });
  }
}

function fail(source: Source, reason: string, isUserSuspect = false, options?: ErrorOptions): never {
  const { transportName, dsn } = source;
  const advice =
    '; if it has a user name and a password, each "," in them must be written "%2C", each "/" "%2F" and each "?" "%3F"';
  // Without its query, which may hold secrets under names that nobody knows.
  const [shown = ''] = dsn.toString().split('?', 1);
  throw new InvalidDsnError(
    transportName,
    shown.replaceAll(BAD_PORT, ':***'),
    isUserSuspect || hasStrayAt(dsn) ? reason + advice : reason,
    options,
  );
}
