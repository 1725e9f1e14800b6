import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Dsn } from '../../../../transport/dsn.js';
import type { TransportContext, TransportFactory } from '../../../../transport/transport-factory.js';
import type { SqlTransport } from '../../sql.transport.js';
import { ServerDatabase } from '../server.database.js';
import { PatientPool } from '../server.patient-pool.js';
import { createServerTransport } from '../server.transport.js';
import { OwnConnections } from './postgres.connections.js';
import { POSTGRES } from './postgres.dialect.js';
import { loadPgDriver } from './postgres.driver.js';
import { POSTGRES_SCHEMES } from './postgres.dsn.js';
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

  constructor({ env = process.env, consumer = newConsumer() }: PostgresTransportFactorySetup = {}) {
    this.#env = env;
    this.#consumer = consumer;
  }

  /**
   * @throws InvalidDsnError, UnknownOptionError, InvalidOptionError for what is wrong in the DSN or the options.
   * @throws MissingDriverError when pg is not installed.
   */
  create(dsn: Dsn, options: Readonly<Record<string, unknown>>, context: TransportContext): SqlTransport {
    const resolved = resolvePostgresOptions(context.transportName, dsn, options, this.#env);
    return createServerTransport(this.#databaseFor(resolved, context), resolved, context);
  }

  #databaseFor(
    { endpoint, useNotify }: ResolvedPostgresOptions,
    { transportName, logger }: TransportContext,
  ): ServerDatabase {
    const key = JSON.stringify([endpoint, useNotify]);
    const known = this.#databases.get(key);
    if (known !== undefined) {
      return known;
    }
    const { description, location, queryTimeout } = endpoint;
    const driver = loadPgDriver(transportName);
    const connections = new OwnConnections(driver, endpoint);
    const pool = new PostgresPool(connections, queryTimeout);
    // Handlers that hold a connection each may need another to send with: from one pool, each would wait for the others.
    const transactions = new PatientPool(
      new PostgresPool(new OwnConnections(driver, endpoint), queryTimeout),
      endpoint.poolSize,
    );
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
}

function newConsumer(): string {
  return `${hostname()}:${process.pid}:${randomBytes(6).toString('hex')}`;
}
