import { createHmac, randomBytes } from 'node:crypto';
import type { RedisTls } from './redis.tls.js';

/** A server, by name or by address. IPv6 addresses have no brackets. */
export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

/** Without a user name, it is the one that Redis calls `default`. */
export interface RedisCredentials {
  readonly username?: string;
  readonly password: string;
}

/** Where Redis is, and how to get in. Two transports with equal endpoints share connections. */
export interface RedisEndpoint {
  readonly mode: 'single' | 'cluster' | 'sentinel';
  /** The server, the known nodes of the cluster, or the Sentinels. Empty for a unix socket. */
  readonly hosts: readonly RedisHost[];
  /** The absolute path of a unix socket, instead of a host. */
  readonly socketPath?: string;
  /** Those of the server: the single one, the master that the Sentinels name, or every node of the cluster. */
  readonly credentials?: RedisCredentials;
  /** What the Sentinels call the master; in mode `sentinel` only. */
  readonly sentinelMaster?: string;
  /** Those of the Sentinels themselves. */
  readonly sentinelCredentials?: RedisCredentials;
  /** The number of the database; 0 in a cluster. */
  readonly database: number;
  /** How to secure connections, to Sentinels too; without it they are not secured. */
  readonly tls?: RedisTls;
  /** How long connecting may take, in milliseconds. */
  readonly connectTimeout: number;
  /** How long the server may take to answer a command that does not wait for anything, in milliseconds. */
  readonly commandTimeout: number;
  /** The first pause before connecting again, in milliseconds. */
  readonly retryInterval: number;
}

/** Secrets are hashed with it, so that a key that ends up in a log cannot be tried against likely passwords. */
const SALT = randomBytes(32);

/** For texts: the DSN of `endpoint` without its secrets, such as `redis://***@host:6379`. */
export function describeEndpoint(endpoint: RedisEndpoint): string {
  const scheme = endpoint.tls === undefined ? 'redis' : 'rediss';
  const user = endpoint.credentials === undefined ? '' : '***@';
  const place = endpoint.socketPath ?? endpoint.hosts.map(describeHost).join(',');
  const query = describeMode(endpoint).join('&');
  return `${scheme}://${user}${place}${query === '' ? '' : `?${query}`}`;
}

/** Equal for endpoints whose connections can be shared, and for no others. Holds no secret. */
export function endpointKey(endpoint: RedisEndpoint): string {
  const hosts = endpoint.hosts.map(describeHost).toSorted();
  const tls = Object.entries(endpoint.tls ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const { credentials, sentinelCredentials } = endpoint;
  const identity = [
    endpoint.mode,
    hosts,
    endpoint.socketPath,
    [credentials?.username, credentials?.password],
    endpoint.sentinelMaster,
    [sentinelCredentials?.username, sentinelCredentials?.password],
    endpoint.database,
    endpoint.tls !== undefined,
    tls,
    [endpoint.connectTimeout, endpoint.commandTimeout, endpoint.retryInterval],
  ];
  return createHmac('sha256', SALT).update(JSON.stringify(identity, textOfFunction)).digest('hex');
}

function describeHost({ host, port }: RedisHost): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function describeMode({ mode, hosts, sentinelMaster, database }: RedisEndpoint): readonly string[] {
  return [
    ...(mode === 'cluster' && hosts.length === 1 ? ['cluster=true'] : []),
    ...(mode === 'sentinel' ? [`sentinel_master=${sentinelMaster}`] : []),
    ...(database === 0 ? [] : [`dbindex=${database}`]),
  ];
}

/** A function that checks names is known by its source. JSON would leave it out. */
function textOfFunction(_key: string, value: unknown): unknown {
  return typeof value === 'function' ? String(value) : value;
}
