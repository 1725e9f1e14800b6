import { InvalidOptionError } from '../../errors/invalid-option.error.js';
import type { Dsn } from '../../transport/dsn.js';

/** The query of a Redis DSN, of which some keys have brackets as in PHP. */
export interface RedisQuery {
  /** The keys without brackets, and those that nobody knows. */
  readonly query: Dsn['query'];
  /** What the keys with brackets amount to: `auth`, `host` and `ssl`, as they are written in options. */
  readonly structured: Readonly<Record<string, unknown>>;
}

/** `host[h1:26379]`, `host[[::1]:26379]`, `auth[]`, `auth[1]`, `ssl[verify_peer]`. */
const BRACKETS = /^(auth|host|ssl)\[(.*)\]$/s;

/**
 * Takes the keys with brackets out of `query`.
 *
 * @throws InvalidOptionError for a private key in the query.
 */
export function structureQuery(transportName: string, query: Dsn['query']): RedisQuery {
  const plain: Array<readonly [string, string]> = [];
  const auth: Array<string | undefined> = [];
  const host: string[] = [];
  const ssl: Array<readonly [string, string]> = [];
  for (const [key, value] of query) {
    const [, option, index = ''] = BRACKETS.exec(key) ?? [];
    if (option === 'host') {
      host.push(hostOf(index, value));
    } else if (option === 'ssl') {
      refuseKey(transportName, index);
      ssl.push([index, value]);
    } else if (option === 'auth' && /^[01]?$/.test(index)) {
      auth[index === '' ? auth.length : Number(index)] = value;
    } else {
      plain.push([key, value]);
    }
  }
  const structured = {
    ...(auth.length > 0 && { auth }),
    ...(host.length > 0 && { host }),
    ...(ssl.length > 0 && { ssl: Object.fromEntries(ssl) }),
  };
  return { query: plain, structured };
}

/** Whether `key` has brackets that may have a meaning. */
export function isStructured(key: string): boolean {
  return BRACKETS.test(key);
}

/** `host[h1:26379]` has the host in its brackets; `host[]=h1:26379` and `host[0]=h1:26379` behind them. */
function hostOf(index: string, value: string): string {
  if (/^\d*$/.test(index)) {
    return value;
  }
  return value === '' ? index : `${index}=${value}`;
}

/** A DSN is shown in places, with those secrets hidden that are known to be some. */
function refuseKey(transportName: string, name: string): void {
  if (name === 'key') {
    const reason =
      'must not be in a DSN; name a file in "ssl[local_pk]", or write the key in the options of the transport';
    throw new InvalidOptionError(`Transport "${transportName}"`, 'ssl[key]', reason);
  }
}
