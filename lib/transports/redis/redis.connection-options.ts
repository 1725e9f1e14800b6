import { type OptionReaders, read, refusal } from '../../transport/options.js';
import { toCredentials } from './redis.dsn.js';
import type { RedisCredentials } from './redis.endpoint.js';
import { type NamedHost, parseHost } from './redis.host.js';
import type { RedisSslOptions } from './redis.tls.js';

/** The longest a Node.js timer can wait, in milliseconds. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** The options of a Redis transport that concern the connection, which transports with equal ones share. */
export interface RedisConnectionOptions {
  /**
   * The host or `host:port`, if the DSN names none; several are the nodes of a cluster, or the Sentinels. In a DSN without a
   * host: `redis:?host[h1:26379]&host[h2:26379]`. @default '127.0.0.1'
   */
  readonly host?: string | readonly string[];
  /** The port of hosts that have none beside them. @default 6379, or 26379 for Sentinels */
  readonly port?: number;
  /**
   * The password, or user name and password; wins over those before the host in the DSN. With Sentinel it is that of the
   * Sentinels, and of the master only if the DSN has none.
   */
  readonly auth?: string | readonly [user: string, password: string];
  /** The number of the database, as for `SELECT`; not for a cluster. @default 0 */
  readonly dbindex?: number;
  /** How long connecting may take, in seconds. @default 5, also for 0 */
  readonly timeout?: number;
  /** How long Redis may take to answer a command, in seconds; to wait for messages is no command. @default 5, also for 0 */
  readonly readTimeout?: number;
  /** The first pause before connecting again, in milliseconds; the next ones are longer. @default 50, also for 0 */
  readonly retryInterval?: number;
  /** How TLS is spoken, for `rediss:` DSNs; `ssl[verify_peer]=0` in a DSN. */
  readonly ssl?: RedisSslOptions;
  /** What the Sentinels call the master. With it, the hosts are Sentinels. */
  readonly sentinelMaster?: string;
  /** The same as `sentinelMaster`. */
  readonly redisSentinel?: string;
  /** Whether the server is part of a cluster. @default whether several hosts are named */
  readonly cluster?: boolean;
  /** The same as `cluster`. */
  readonly redisCluster?: boolean;
  /**
   * How the PHP application that shares the stream has set phpredis up. Messages with 0 (none) and 1 (PHP's) can be read, and
   * what is written here is read with both; others are refused.
   */
  readonly serializer?: 0 | 1;
  /** Accepted since a PHP application may need it; without effect, connections last anyway. */
  readonly persistentId?: string;
}

/** What has been read of each of them. */
export interface ConnectionSettings extends Omit<RedisConnectionOptions, 'host' | 'auth' | 'ssl'> {
  readonly host?: { readonly hosts: readonly NamedHost[]; readonly isList: boolean };
  readonly auth?: RedisCredentials | undefined;
  readonly ssl?: Readonly<Record<string, unknown>>;
}

const seconds = read.number(0, MAX_TIMER_MS / 1000);

export const CONNECTION_READERS: OptionReaders<ConnectionSettings> = {
  host: readHosts,
  port: read.integer(1, 65_535),
  auth: readAuth,
  dbindex: read.integer(0),
  timeout: seconds,
  readTimeout: seconds,
  retryInterval: read.number(0, MAX_TIMER_MS),
  ssl: readRecord,
  sentinelMaster: read.text,
  redisSentinel: read.text,
  cluster: read.boolean,
  redisCluster: read.boolean,
  serializer: readSerializer,
  persistentId: (value) => String(value),
};

function readHosts(value: unknown): NonNullable<ConnectionSettings['host']> {
  const isList = Array.isArray(value);
  const texts: readonly unknown[] = isList ? value : [value];
  if (texts.length === 0) {
    throw refusal('must name a host');
  }
  return { isList, hosts: texts.map(readHost) };
}

function readHost(value: unknown): NamedHost {
  if (typeof value !== 'string') {
    throw refusal('must be a text, or a list of texts');
  }
  try {
    return parseHost(value);
  } catch (error) {
    const hint = value.startsWith('/') ? '; a unix socket is written "redis:///path/of.sock"' : '';
    throw refusal(`is not valid: ${(error as Error).message}${hint}`);
  }
}

/** Its errors do not show the value. Empty texts are what an unset variable leaves behind, and give no credentials. */
function readAuth(value: unknown): RedisCredentials | undefined {
  const parts: readonly unknown[] = Array.isArray(value) ? [...value] : [value];
  const [first, second] = parts;
  if (parts.length > 2 || typeof first !== 'string' || (parts.length === 2 && typeof second !== 'string')) {
    throw refusal('must be a password, or a list of a user name and a password');
  }
  if (first !== '' && second === '') {
    throw refusal('has a user name without a password');
  }
  return typeof second === 'string' ? toCredentials(first, second) : toCredentials('', first);
}

function readRecord(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refusal('must be an object; in a DSN, write "ssl[verify_peer]=0" and the like');
  }
  return value as Readonly<Record<string, unknown>>;
}

const UNREADABLE_SERIALIZERS: Readonly<Record<number, string>> = { 2: 'igbinary', 3: 'msgpack', 4: 'JSON' };

function readSerializer(value: unknown): 0 | 1 {
  const number = read.integer(0, 4)(value);
  if (number !== 0 && number !== 1) {
    throw refusal(
      `is ${number} (${UNREADABLE_SERIALIZERS[number]}), which cannot be read here; set the option "serializer" of the PHP ` +
        'application to 0 or 1, once its stream is empty',
    );
  }
  return number;
}
