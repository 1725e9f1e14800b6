import type { RedisClient, RedisDriver } from './redis.driver.js';
import type { RedisEndpoint } from './redis.endpoint.js';

/** The longest pause between two tries to connect, in milliseconds: a worker shall be back within a second of its server. */
export const LONGEST_PAUSE_MS = 500;

/** How long a connection that is given up may take to close in good order, in milliseconds; then it is dropped. */
const CLOSING_MS = 100;

/** What one client is for. */
export interface ClientPurpose {
  /** What the server's list of clients calls it. No spaces. */
  readonly name: string;
  /** Whether it waits for replies for longer than a command may take; then somebody else has to watch it. */
  readonly blocks: boolean;
}

/**
 * Makes a client that connects when it is first used, and again whenever it has lost its server.
 *
 * A command whose connection is lost is rejected, never sent again by itself: it may have been carried out. One that is asked
 * for while there is no connection waits for the next try to connect, and is rejected if that fails.
 *
 * With a cluster or Sentinels, ioredis keeps such commands for as long as it tries to connect. So it tries twice, and ends;
 * whoever uses the client next has to connect it.
 */
export function createClient(
  driver: RedisDriver,
  endpoint: RedisEndpoint,
  purpose: ClientPurpose,
): RedisClient {
  const client = newClient(driver, endpoint, purpose);
  if (endpoint.tls) {
    bearRepeatedErrors(client);
    client.on('+node', bearRepeatedErrors);
  }
  return client;
}

/**
 * A TLS socket may tell of two errors, that of TLS and that of writing, and ioredis listens to one. Without another listener, the
 * second would end the process.
 */
function bearRepeatedErrors(client: RedisClient): void {
  client.on('connect', () => client.stream?.on('error', () => undefined));
}

function newClient(
  { Redis, Cluster }: RedisDriver,
  endpoint: RedisEndpoint,
  purpose: ClientPurpose,
): RedisClient {
  const { mode, hosts, socketPath, database } = endpoint;
  const retryStrategy = (tries: number): number => pauseOf(endpoint, tries);
  const common = optionsOf(endpoint, purpose);
  if (mode === 'cluster') {
    return new Cluster(hosts, {
      lazyConnect: true,
      // A cluster that is down says so to each command, which is not to be tried on other nodes then.
      enableReadyCheck: false,
      retryDelayOnClusterDown: 0,
      // Its count goes on until it succeeds, over all its ends.
      clusterRetryStrategy: (tries: number) => (tries % 2 === 1 ? retryStrategy(tries) : null),
      // Would send again what was sent when the connection was lost, and double a message.
      retryDelayOnFailover: 0,
      slotsRefreshTimeout: endpoint.connectTimeout,
      redisOptions: common,
      // A certificate names the host that was configured, not the address it resolves to.
      ...(endpoint.tls && { dnsLookup: keepHost }),
    });
  }
  const address = socketPath === undefined ? hosts[0] : { path: socketPath };
  return new Redis({
    ...common,
    ...(mode === 'sentinel' ? sentinelOptionsOf(endpoint, retryStrategy) : address),
    lazyConnect: true,
    db: database,
    retryStrategy,
    // Rejects what was sent when the connection is lost; to resend it could double a message.
    maxRetriesPerRequest: 0,
    // After a failover the old master refuses to write. Connecting again finds the new one.
    reconnectOnError: ({ message }: Error) => message.includes('READONLY'),
  });
}

function optionsOf(
  { mode, credentials, tls, connectTimeout, commandTimeout }: RedisEndpoint,
  { name, blocks }: ClientPurpose,
): Readonly<Record<string, unknown>> {
  return {
    connectionName: name,
    connectTimeout,
    disconnectTimeout: CLOSING_MS,
    // A server that loads its data is asked this often whether it has.
    maxLoadingRetryTime: LONGEST_PAUSE_MS,
    ...credentials,
    ...(tls && { tls }),
    // Of each node. Whoever uses a single server watches it himself, see RedisSilence: this time-out of ioredis 5 outlives
    // its connection and ends the next one.
    ...(mode === 'cluster' && !blocks && { socketTimeout: commandTimeout }),
    // The replies of RESP3 have other shapes in ioredis 6, and ioredis 5 does not know it.
    protocol: 2,
  };
}

function sentinelOptionsOf(
  { hosts, sentinelMaster, sentinelCredentials, tls }: RedisEndpoint,
  retryStrategy: (tries: number) => number,
): Readonly<Record<string, unknown>> {
  return {
    sentinels: hosts,
    name: sentinelMaster,
    role: 'master',
    sentinelRetryStrategy: (tries: number) => (tries === 1 ? retryStrategy(tries) : null),
    ...(sentinelCredentials?.username !== undefined && { sentinelUsername: sentinelCredentials.username }),
    ...(sentinelCredentials && { sentinelPassword: sentinelCredentials.password }),
    ...(tls && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
  };
}

/** Doubles from try to try, and is varied at random by half, so that many processes do not come back at the same moment. */
function pauseOf({ retryInterval }: RedisEndpoint, tries: number): number {
  const base = Math.min(retryInterval * 2 ** Math.min(tries - 1, 10), LONGEST_PAUSE_MS);
  return Math.ceil(base * (0.5 + Math.random() / 2));
}

function keepHost(host: string, callback: (error: null, address: string) => void): void {
  callback(null, host);
}
