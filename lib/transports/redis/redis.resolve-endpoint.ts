import { InvalidOptionError } from '../../errors/invalid-option.error.js';
import type { ConnectionSettings } from './redis.connection-options.js';
import type { RedisAddress } from './redis.dsn.js';
import type { RedisEndpoint, RedisHost } from './redis.endpoint.js';
import { type RedisTls, tlsOf } from './redis.tls.js';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 6379;
const DEFAULT_SENTINEL_PORT = 26_379;
const DEFAULT_TIMEOUT_MS = 5000;
const DEFAULT_RETRY_INTERVAL_MS = 50;

/** An option that contradicts another one or the DSN. */
type Refuse = (option: string, reason: string) => never;

/**
 * What the DSN and the options amount to.
 *
 * @throws InvalidOptionError for those that contradict each other; for what {@link tlsOf} refuses, its errors.
 */
export function resolveEndpoint(
  transportName: string,
  address: RedisAddress,
  settings: ConnectionSettings,
): RedisEndpoint {
  const refuse: Refuse = (option, reason) => {
    throw new InvalidOptionError(`Transport "${transportName}"`, option, reason);
  };
  const { sentinelMaster: name, redisSentinel } = settings;
  const sentinelMaster = oneOf([name, redisSentinel], ['sentinel_master', 'redis_sentinel'], refuse);
  const mode = modeOf(address, settings, sentinelMaster, refuse);
  const { socketPath } = address;
  const tls = tlsFor(transportName, address, settings, refuse);
  return {
    mode,
    hosts: hostsOf(address, settings, mode, refuse),
    ...(socketPath !== undefined && { socketPath }),
    ...credentialsOf(address, settings, mode),
    ...(sentinelMaster !== undefined && { sentinelMaster }),
    database: databaseOf(settings, mode, refuse),
    ...(tls && { tls }),
    connectTimeout: milliseconds(settings.timeout) || DEFAULT_TIMEOUT_MS,
    commandTimeout: milliseconds(settings.readTimeout) || DEFAULT_TIMEOUT_MS,
    retryInterval: Math.ceil(settings.retryInterval ?? 0) || DEFAULT_RETRY_INTERVAL_MS,
  };
}

function modeOf(
  { hosts, socketPath }: RedisAddress,
  settings: ConnectionSettings,
  sentinelMaster: string | undefined,
  refuse: Refuse,
): RedisEndpoint['mode'] {
  const isCluster = oneOf([settings.cluster, settings.redisCluster], ['cluster', 'redis_cluster'], refuse);
  const count = hosts.length + (settings.host?.hosts.length ?? 0);
  if (sentinelMaster !== undefined) {
    if (isCluster === true) {
      refuse('sentinel_master', 'cannot be used with "cluster"; a cluster has no Sentinels');
    }
    if (socketPath !== undefined) {
      refuse('sentinel_master', 'needs the hosts of Sentinels, and the DSN has a unix socket');
    }
    return 'sentinel';
  }
  if (isCluster === true && socketPath !== undefined) {
    refuse('cluster', 'needs the hosts of nodes, and the DSN has a unix socket');
  }
  if (isCluster === false && count > 1) {
    refuse(
      'cluster',
      `is false, and ${count} hosts are named; leave the option out, name one host, or set "sentinel_master"`,
    );
  }
  return (isCluster ?? (count > 1 || settings.host?.isList === true)) ? 'cluster' : 'single';
}

function hostsOf(
  { hosts, socketPath }: RedisAddress,
  { host, port }: ConnectionSettings,
  mode: RedisEndpoint['mode'],
  refuse: Refuse,
): readonly RedisHost[] {
  if (host !== undefined && hosts.length > 0) {
    refuse('host', 'names a host, and so does the DSN; name it in one of them');
  }
  if (socketPath !== undefined) {
    return port === undefined ? [] : refuse('port', 'is of no use for the unix socket of the DSN');
  }
  const named = [...hosts, ...(host?.hosts ?? [])];
  if (port !== undefined && named.length > 0 && named.every((one) => one.port !== undefined)) {
    refuse('port', 'is given, and each host has a port beside it; give one of them');
  }
  const defaultPort = port ?? (mode === 'sentinel' ? DEFAULT_SENTINEL_PORT : DEFAULT_PORT);
  return (named.length === 0 ? [{ host: DEFAULT_HOST }] : named).map((one) => ({
    port: defaultPort,
    ...one,
  }));
}

function credentialsOf(
  address: RedisAddress,
  { auth }: ConnectionSettings,
  mode: RedisEndpoint['mode'],
): Pick<RedisEndpoint, 'credentials' | 'sentinelCredentials'> {
  const credentials = mode === 'sentinel' ? (address.credentials ?? auth) : (auth ?? address.credentials);
  return {
    ...(credentials && { credentials }),
    ...(mode === 'sentinel' && auth && { sentinelCredentials: auth }),
  };
}

function databaseOf(
  { dbindex = 0 }: ConnectionSettings,
  mode: RedisEndpoint['mode'],
  refuse: Refuse,
): number {
  return mode === 'cluster' && dbindex !== 0
    ? refuse('dbindex', `must be 0 with a cluster, which has no other databases, got ${dbindex}`)
    : dbindex;
}

function tlsFor(
  transportName: string,
  { isTls, socketPath }: RedisAddress,
  { ssl }: ConnectionSettings,
  refuse: Refuse,
): RedisTls | undefined {
  if (!isTls) {
    return ssl === undefined ? undefined : refuse('ssl', 'needs TLS; write the DSN with "rediss:"');
  }
  return socketPath === undefined
    ? tlsOf(transportName, ssl ?? {})
    : refuse('ssl', 'is of no use for a unix socket; write the DSN with "redis:"');
}

/** The value of an option that has two names. */
function oneOf<V>(
  [value, other]: readonly [V | undefined, V | undefined],
  [name, alias]: readonly [string, string],
  refuse: Refuse,
): V | undefined {
  return value !== undefined && other !== undefined
    ? refuse(alias, `means the same as "${name}"; give one of them`)
    : (value ?? other);
}

function milliseconds(time: number | undefined): number {
  return Math.ceil((time ?? 0) * 1000);
}
