import type { ServerPool, ServerSession } from '../server.pool.js';
import type { PostgresConnections } from './postgres.connections.js';
import type { PgClient } from './postgres.driver.js';
import { PostgresLink } from './postgres.link.js';
import { StatementNames } from './postgres.statement-names.js';

/** Lends connections to PostgreSQL. */
export class PostgresPool implements ServerPool {
  readonly #connections: PostgresConnections;
  readonly #patience: number;
  readonly #links = new WeakMap<PgClient, PostgresLink>();
  readonly #names = new StatementNames();

  /** @param patience milliseconds after which a server that does not answer is given up. */
  constructor(connections: PostgresConnections, patience: number) {
    this.#connections = connections;
    this.#patience = patience;
  }

  async lend<T>(work: (session: ServerSession) => Promise<T>): Promise<T> {
    const client = await this.#connections.pool.connect();
    const link = this.#linkOf(client);
    try {
      return await work(link.session);
    } finally {
      client.release(link.isBroken);
    }
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  #linkOf(client: PgClient): PostgresLink {
    let link = this.#links.get(client);
    if (link === undefined) {
      link = new PostgresLink(client, this.#names, this.#patience);
      this.#links.set(client, link);
    }
    return link;
  }
}
