import type { LockHolder, LockRequest, ServerLockRows } from '../server.dialect.js';
import type { ServerSession } from '../server.pool.js';
import { quoteIdentifier } from './postgres.names.js';
import { locksOf } from './postgres.schema.js';
import { NOW } from './postgres.statements.js';

/** The locks of one table in PostgreSQL. */
export class PostgresLocks implements ServerLockRows {
  readonly #acquire: string;
  readonly #release: string;

  constructor(tableName: string) {
    const locks = quoteIdentifier(locksOf(tableName));
    // Takes some of those along that ended by themselves, passing over what others are busy with.
    this.#acquire = `
      WITH expired AS (
        SELECT ctid AS place FROM ${locks}
        WHERE expires_at <= ${NOW} AND (queue_name, lock_key) <> ($1, $2) LIMIT 10 FOR UPDATE SKIP LOCKED
      ), removed AS (
        DELETE FROM ${locks} WHERE ctid = ANY (ARRAY(SELECT place FROM expired))
      )
      INSERT INTO ${locks} AS held (queue_name, lock_key, token, expires_at) VALUES ($1, $2, $3, ${NOW} + $4::bigint)
      ON CONFLICT (queue_name, lock_key) DO UPDATE SET token = excluded.token, expires_at = excluded.expires_at
      WHERE held.token = excluded.token OR held.expires_at <= ${NOW}`;
    this.#release = `DELETE FROM ${locks} WHERE queue_name = $1 AND lock_key = $2 AND token = $3`;
  }

  async acquire(session: ServerSession, { queue, key, token, ttl }: LockRequest): Promise<boolean> {
    return (await session.query(this.#acquire, [queue, key, token, ttl])).affected > 0;
  }

  async release(session: ServerSession, { queue, key, token }: LockHolder): Promise<void> {
    await session.query(this.#release, [queue, key, token]);
  }
}
