import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Dsn } from '../../../../transport/dsn.js';
import type {
  ConnectionReference,
  TransportContext,
  TransportFactory,
} from '../../../../transport/transport-factory.js';
import type { SqlTransport } from '../../sql.transport.js';
import { ServerDatabase } from '../server.database.js';
import { PatientPool } from '../server.patient-pool.js';
import { createServerTransport } from '../server.transport.js';
import { ApplicationConnections, refusalOfPool } from './postgres.application-connections.js';
import { assertNoConnectionOptions } from './postgres.application-options.js';
import { OwnConnections } from './postgres.connections.js';
import { POSTGRES } from './postgres.dialect.js';
import { loadPgDriver } from './postgres.driver.js';
import { POSTGRES_SCHEMES } from './postgres.dsn.js';
import { endpointKey } from './postgres.endpoint.js';
import { PostgresNotices } from './postgres.notices.js';
import { resolvePostgresOptions, type ResolvedPostgresOptions } from './postgres.options.js';
import { PostgresPool } from './postgres.pool.js';

/** What a test may put in the place of the machine. */
export interface PostgresTransportFactorySetup {
  /** @default the process's environment */
  readonly env?: NodeJS.ProcessEnv;
  /** Names this process in the claims it makes; no other process on the database may have it. @default `host:pid:random` */
  readonly consumer?: string;
}

/** Makes transports for `postgres:`, `postgresql:` and `pgsql:` DSNs. Those on one database share connections. */
export class PostgresTransportFactory implements TransportFactory {
  readonly schemes: readonly string[] = POSTGRES_SCHEMES;
  readonly #env: NodeJS.ProcessEnv;
  readonly #consumer: string;
  readonly #databases = new Map<string, ServerDatabase>();
  /** What transports were given to connect with, numbered. */
  readonly #given = new Map<unknown, number>();

  constructor({ env = process.env, consumer = newConsumer() }: PostgresTransportFactorySetup = {}) {
    this.#env = env;
    this.#consumer = consumer;
  }

  /**
   * @throws InvalidDsnError, UnknownOptionError, InvalidOptionError for what is wrong in the DSN or the options.
   * @throws MissingDriverError when pg is not installed.
   */
  create(dsn: Dsn, options: Readonly<Record<string, unknown>>, context: TransportContext): SqlTransport {
    if (context.connection !== undefined) {
      assertNoConnectionOptions(context.transportName, dsn, options);
    }
    const resolved = resolvePostgresOptions(context.transportName, dsn, options, this.#env);
    return createServerTransport(this.#databaseFor(resolved, context), resolved, context);
  }

  checkConnection(connection: object): string | undefined {
    return refusalOfPool(connection);
  }

  #databaseFor(
    { endpoint, useNotify }: ResolvedPostgresOptions,
    { transportName, logger, connection }: TransportContext,
  ): ServerDatabase {
    const { queryTimeout } = endpoint;
    const place =
      connection === undefined
        ? { ...endpoint, key: endpointKey(endpoint) }
        : this.#placeOf(connection, queryTimeout);
    const key = `${place.key} ${useNotify}`;
    const known = this.#databases.get(key);
    if (known !== undefined) {
      return known;
    }
    const { description, location } = place;
    const own = (): OwnConnections => new OwnConnections(loadPgDriver(transportName), endpoint);
    const connections = connection === undefined ? own() : new ApplicationConnections(connection);
    const pool = new PostgresPool(connections, queryTimeout);
    // Handlers that hold a connection each may need another to send with: from one pool, each would wait for the others.
    const transactions =
      connection === undefined
        ? new PatientPool(new PostgresPool(own(), queryTimeout), endpoint.poolSize)
        : pool;
    const consumer = this.#consumer;
    const notices = useNotify
      ? new PostgresNotices({ pool, connections, consumer, description, logger })
      : undefined;
    const onClosed = (): void => void this.#databases.delete(key);
    const database = new ServerDatabase({
      dialect: POSTGRES,
      pool,
      transactions,
      description,
      location,
      notices,
      consumer,
      onClosed,
    });
    this.#databases.set(key, database);
    return database;
  }

  /** Nobody knows where a connection of the application leads, but two transports that are given the same go to the same place. */
  #placeOf({ given }: ConnectionReference, queryTimeout: number) {
    const number = this.#given.get(given) ?? this.#given.size + 1;
    this.#given.set(given, number);
    const location = `postgres:connection-${number}`;
    return { key: `${location} ${queryTimeout}`, location, description: "the application's PostgreSQL" };
  }
}

function newConsumer(): string {
  return `${hostname()}:${process.pid}:${randomBytes(6).toString('hex')}`;
}
