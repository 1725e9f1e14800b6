import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Dsn } from '../../transport/dsn.js';
import type { TransportContext, TransportFactory } from '../../transport/transport-factory.js';
import { RedisConnection } from './redis.connection.js';
import type { ProcessIdentity } from './redis.consumer-lease.js';
import { loadRedisDriver } from './redis.driver.js';
import { REDIS_SCHEMES } from './redis.dsn.js';
import { endpointKey, type RedisEndpoint } from './redis.endpoint.js';
import { resolveRedisOptions } from './redis.options.js';
import { RedisReaders } from './redis.reader.js';
import { RedisTransport } from './redis.transport.js';
import { assembleParts, type SharedConnection } from './redis.transport-parts.js';

/** What a test may put in the place of the machine. */
export interface RedisTransportFactorySetup {
  /** @default the process's environment */
  readonly env?: NodeJS.ProcessEnv;
  /** @default this process */
  readonly identity?: ProcessIdentity;
}

/** Makes transports for `redis:`, `rediss:`, `valkey:` and `valkeys:` DSNs. Those on one server share connections. */
export class RedisTransportFactory implements TransportFactory {
  readonly schemes: readonly string[] = REDIS_SCHEMES;
  readonly #env: NodeJS.ProcessEnv;
  readonly #identity: ProcessIdentity;
  /** Makes this process's names unlike those of any other. */
  readonly #random = randomBytes(4).toString('hex');
  readonly #shared = new Map<string, SharedConnection>();

  constructor({ env = process.env, identity }: RedisTransportFactorySetup = {}) {
    this.#env = env;
    this.#identity = identity ?? { host: hostname(), pid: process.pid };
  }

  /**
   * @throws InvalidDsnError, UnknownOptionError, InvalidOptionError for what is wrong in the DSN or the options.
   * @throws MissingDriverError when ioredis is not installed.
   */
  create(dsn: Dsn, options: Readonly<Record<string, unknown>>, context: TransportContext): RedisTransport {
    const { host, pid } = this.#identity;
    const environment = { env: this.#env, hostname: host, pid, random: this.#random };
    const resolved = resolveRedisOptions(context.transportName, dsn, options, environment);
    const shared = this.#sharedFor(resolved.endpoint, context.transportName);
    const parts = assembleParts(shared, resolved, context, this.#identity);
    shared.connection.join(parts.session);
    if (!resolved.lazy) {
      shared.connection.open();
    }
    return new RedisTransport(parts);
  }

  #sharedFor(endpoint: RedisEndpoint, transportName: string): SharedConnection {
    const key = endpointKey(endpoint);
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      const connection = new RedisConnection({
        driver: loadRedisDriver(transportName),
        endpoint,
        name: `messenger-${this.#identity.pid}-${this.#random}`,
        onClosed: () => this.#shared.delete(key),
      });
      shared = { connection, readers: new RedisReaders(connection) };
      this.#shared.set(key, shared);
    }
    return shared;
  }
}
