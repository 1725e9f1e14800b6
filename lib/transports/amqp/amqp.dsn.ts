import { InvalidDsnError } from '../../errors/invalid-dsn.error.js';
import type { Dsn } from '../../transport/dsn.js';
import { type NamedHost, parseHost } from './amqp.host.js';

/** The schemes of the DSNs that can be parsed here; `amqps` asks for TLS. */
export const AMQP_SCHEMES: readonly string[] = ['amqp', 'amqps'];

/** What stands in an AMQP DSN before its query. */
export interface AmqpAddress {
  readonly isTls: boolean;
  /** Empty if the DSN names none. */
  readonly hosts: readonly NamedHost[];
  readonly user?: string;
  readonly password?: string;
  readonly vhost?: string;
  readonly exchange?: string;
}

/** A DSN, and the transport that has it. */
interface Source {
  readonly transportName: string;
  readonly dsn: Dsn;
}

/** What follows a ":" where a port belongs and none is: perhaps the password of a DSN without a host. */
const BAD_PORT = /:(?!\/\/)(?!\d{1,5}(?:[,/]|$))[^,/\]]+(?=[,/]|$)/g;

/**
 * Parses the part before the query of `amqp://user:password@h1:5672,h2:5672/vhost/exchange`, of which everything after `amqp:` may
 * be left out.
 *
 * @throws InvalidDsnError for what cannot be understood, without secrets.
 */
export function parseAmqpDsn(transportName: string, dsn: Dsn): AmqpAddress {
  const source = { transportName, dsn };
  const { rest } = dsn;
  if (rest !== '' && !rest.startsWith('//')) {
    fail(source, 'a host must follow "//", as in "amqp://host:5672/%2f/orders"');
  }
  const [authority = ''] = rest.slice(2).split('/', 1);
  const path = rest.slice(authority.length + 2);
  const [userInfo, ...places] = placesOf(source, authority);
  return {
    isTls: dsn.scheme === 'amqps',
    hosts: hostsOf(source, places, userInfo !== undefined),
    ...credentialsOf(source, userInfo ?? ''),
    ...namesOf(source, path),
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

/** The user information of `a@h1,h2` or `a@h1,a@h2`, as written, and the hosts. */
function placesOf(source: Source, authority: string): readonly [string | undefined, ...string[]] {
  const parts = authority.split(',').map((text) => {
    const at = text.lastIndexOf('@');
    return { user: at === -1 ? undefined : text.slice(0, at), place: text.slice(at + 1) };
  });
  const user = parts[0]?.user;
  if (parts.some((part, index) => index > 0 && part.user !== undefined && part.user !== user)) {
    fail(source, `its hosts have different users${ESCAPING}`);
  }
  return [user, ...parts.map(({ place }) => place)];
}

function hostsOf(source: Source, places: readonly string[], hasUser: boolean): readonly NamedHost[] {
  if (places.length === 1 && places[0] === '') {
    return hasUser ? fail(source, 'no host follows the "@"') : [];
  }
  try {
    return places.map(parseHost);
  } catch (error) {
    return fail(source, (error as Error).message);
  }
}

function credentialsOf(source: Source, text: string): Pick<AmqpAddress, 'user' | 'password'> {
  const colon = text.includes(':') ? text.indexOf(':') : text.length;
  const user = decode(source, text.slice(0, colon), 'its user name');
  const password = decode(source, text.slice(colon + 1), 'its password');
  return { ...(user !== '' && { user }), ...(password !== '' && { password }) };
}

function namesOf(source: Source, path: string): Pick<AmqpAddress, 'vhost' | 'exchange'> {
  if (path.includes('@')) {
    fail(
      source,
      'it has an "@" in its path, which would be written "%40" in the name of a vhost or an exchange',
    );
  }
  const trimmed = path.replace(/\/+$/, '');
  if (trimmed.startsWith('//')) {
    fail(
      source,
      'its path begins with an empty vhost; the vhost "/" is written "%2f", as in "amqp://host/%2f/orders"',
    );
  }
  const [, ...segments] = trimmed.split('/');
  if (segments.length > 2) {
    fail(source, 'its path goes on after "/vhost/exchange"; in their names a "/" is written "%2F"');
  }
  const [vhost, exchange] = segments.map((segment) => decode(source, segment, 'its path'));
  return { ...(vhost !== undefined && { vhost }), ...(exchange !== undefined && { exchange }) };
}

function decode(source: Source, text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    return fail(source, `${what} has a broken "%" escape; write a percent sign as "%25"`, { cause: error });
  }
}

const ESCAPING =
  '; if it has a user name and a password, each "," in them must be written "%2C", each "/" "%2F" and each "?" "%3F"';

/**
 * Whether an "@" stands where it ends no user name and password, as it does when one of them holds a "/", "?" or "," that is not
 * escaped. What the DSN seems to say may be a piece of a secret then.
 */
function hasStrayAt({ rest, query }: Dsn): boolean {
  const [authority = ''] = rest.replace(/^\/\//, '').split(/[,/]/, 1);
  const isAfter = rest.includes('@') || query.some(([key, value]) => `${key}${value}`.includes('@'));
  return !authority.includes('@') && isAfter;
}

/** No reason repeats a part of the DSN, which may be a secret in the wrong place. */
function fail({ transportName, dsn }: Source, reason: string, options?: ErrorOptions): never {
  // Without its query, which may hold secrets under names that nobody knows.
  const [shown = ''] = dsn.toString().split('?', 1);
  throw new InvalidDsnError(
    transportName,
    shown.replaceAll(BAD_PORT, ':***'),
    hasStrayAt(dsn) && !reason.endsWith(ESCAPING) ? reason + ESCAPING : reason,
    options,
  );
}
