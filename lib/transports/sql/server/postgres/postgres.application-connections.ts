import type { ConnectionReference } from '../../../../transport/transport-factory.js';
import { hasMethods, propertyOf } from '../../transactions/structure.js';
import type { DedicatedClient, PostgresConnections } from './postgres.connections.js';
import type { PgPool, PgPooledClient } from './postgres.driver.js';

/** How long the end of listening may take before the connection is given up, in milliseconds. */
const UNLISTEN_MS = 2000;

/** How often to see whether the pool is being closed, in milliseconds. */
const END_CHECK_MS = 1000;

/**
 * What is wrong with a pool that the application wants to share, completing `option "connection" …`.
 *
 * A single client is refused: what is sent on it while a transaction of the application is open would be rolled back with that, though
 * `dispatch` had resolved.
 */
export function refusalOfPool(connection: object): string | undefined {
  const kind = `"${connection.constructor?.name ?? 'Object'}"`;
  const wanted =
    'a pool of "pg", an object with "connect()" that lends clients with "query()" and "release()"';
  if (hasMethods(connection, 'query', 'escapeIdentifier', 'release')) {
    return `must be ${wanted}; got a client that such a pool has lent. Give the pool itself`;
  }
  if (hasMethods(connection, 'query', 'escapeIdentifier')) {
    return (
      `must be ${wanted}; got a single client, on which messages would become part of whatever transaction is open. ` +
      'Give a pool, or leave "connection" out'
    );
  }
  if (hasMethods(connection, 'createQueryRunner')) {
    return `must be ${wanted}; got the TypeORM class ${kind}. Give its pool: "dataSource.driver.master"`;
  }
  return hasMethods(connection, 'connect', 'query') ? undefined : `must be ${wanted}, got ${kind}`;
}

/** Connections lent by a pool of the application, which stays open. */
export class ApplicationConnections implements PostgresConnections {
  readonly #reference: ConnectionReference;
  readonly #onIdleError = (): void => undefined;
  #pool: PgPool | undefined;

  constructor(reference: ConnectionReference) {
    this.#reference = reference;
  }

  /** @throws NotReadyError until the application is initialized. */
  get pool(): PgPool {
    if (this.#pool === undefined) {
      this.#pool = this.#reference.instance as PgPool;
      // The loss of a connection that nobody uses ends a process that has no listener for it.
      this.#pool.on?.('error', this.#onIdleError);
    }
    return this.#pool;
  }

  /** Nothing if the pool has one connection only, which statements need. */
  async dedicate(): Promise<DedicatedClient | undefined> {
    if (Number(propertyOf(propertyOf(this.pool, 'options'), 'max') ?? 2) < 2) {
      return undefined;
    }
    const client = await this.pool.connect();
    const onError = (): void => undefined;
    client.on('error', onError);
    let isReleased = false;
    const release = (isBroken: boolean): void => {
      if (!isReleased) {
        isReleased = true;
        client.release(isBroken);
      }
    };
    const unwatch = this.#watchEnd(() => release(true));
    return {
      client,
      end: async () => {
        unwatch();
        const isClean = !isReleased && (await isSilenced(client));
        release(!isClean);
        client.removeListener('error', onError);
      },
    };
  }

  /** A pool that is closed waits until what it has lent comes back; it says nothing, except that it removes what nobody uses. */
  #watchEnd(onEnd: () => void): () => void {
    const { pool } = this;
    const check = (): void => {
      if (pool.ending === true) {
        onEnd();
      }
    };
    const timer = setInterval(check, END_CHECK_MS);
    pool.on?.('remove', check);
    return () => {
      clearInterval(timer);
      pool.removeListener?.('remove', check);
    };
  }

  /** The pool stays open. */
  async close(): Promise<void> {
    this.#pool?.removeListener?.('error', this.#onIdleError);
  }
}

/** Whether a client no longer listens to anything, so that others can have it. */
async function isSilenced(client: PgPooledClient): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), UNLISTEN_MS);
  });
  try {
    return await Promise.race([client.query('UNLISTEN *').then(() => true), silence]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
