import type { PgClient, PgDriver, PgPool } from './postgres.driver.js';
import type { PostgresEndpoint } from './postgres.endpoint.js';

/** A connection that is used for nothing else. */
export interface DedicatedClient {
  readonly client: PgClient;
  /** Gives it up. Never rejects. */
  end(): Promise<void>;
}

/** Where connections come from. */
export interface PostgresConnections {
  /** Connections that are lent. */
  readonly pool: PgPool;
  /** A connection to keep; nothing if there is none to spare. */
  dedicate(): Promise<DedicatedClient | undefined>;
  close(): Promise<void>;
}

/** Connections of our own making. */
export class OwnConnections implements PostgresConnections {
  readonly pool: PgPool;
  readonly #driver: PgDriver;
  readonly #endpoint: PostgresEndpoint;

  constructor(driver: PgDriver, endpoint: PostgresEndpoint) {
    this.#driver = driver;
    this.#endpoint = endpoint;
    this.pool = new driver.Pool({
      ...endpoint.config,
      max: endpoint.poolSize,
      connectionTimeoutMillis: endpoint.connectTimeout,
    });
    // Of a connection that nobody uses. Without a listener it would end the process.
    this.pool.on?.('error', () => undefined);
  }

  async dedicate(): Promise<DedicatedClient> {
    const client = new this.#driver.Client({
      ...this.#endpoint.config,
      connectionTimeoutMillis: this.#endpoint.connectTimeout,
    });
    client.on('error', () => undefined);
    await client.connect();
    return { client, end: () => client.end().catch(() => undefined) };
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}
