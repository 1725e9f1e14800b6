import { createHash } from 'node:crypto';
import type { LockHolder, LockRequest, ServerLockRows } from '../server.dialect.js';
import type { MysqlDriver } from './mysql.driver.js';
import { quoteIdentifier } from './mysql.names.js';
import { locksOf } from './mysql.schema.js';
import type { MysqlSession } from './mysql.session.js';
import { NOW } from './mysql.statements.js';

/** With each lock so many, those that ended by themselves are removed. */
const REMOVE_EVERY = 20;

/** The most that are removed at once. */
const REMOVED_AT_ONCE = 200;

/** The longest key that is kept as it is, in bytes. */
const MAX_KEY_BYTES = 400;

/** The locks of one table in MySQL or MariaDB. */
export class MysqlLocks implements ServerLockRows {
  readonly #locks: string;
  readonly #format: MysqlDriver['format'];
  #acquired = 0;

  constructor(tableName: string, { format }: Pick<MysqlDriver, 'format'>) {
    this.#locks = quoteIdentifier(locksOf(tableName));
    this.#format = format;
  }

  async acquire(session: MysqlSession, { queue, key, token, ttl }: LockRequest): Promise<boolean> {
    this.#acquired += 1;
    if (this.#acquired % REMOVE_EVERY === 0) {
      await this.#removeExpired(session);
    }
    const storedKey = keyOf(key);
    // The second column sees what became of the first.
    const take = this.#format(
      `INSERT INTO ${this.#locks} (queue_name, lock_key, token, expires_at) VALUES (?, ?, ?, ${NOW} + ?)
       ON DUPLICATE KEY UPDATE token = IF(token = ? OR expires_at <= ${NOW}, ?, token),
         expires_at = IF(token = ?, ${NOW} + ?, expires_at)`,
      [queue, storedKey, token, ttl, token, token, token, ttl],
    );
    const look = this.#format(
      `SELECT COUNT(*) AS mine FROM ${this.#locks} WHERE queue_name = ? AND lock_key = ? AND token = ?`,
      [queue, storedKey, token],
    );
    const [, looked] = await session.send([take, look]);
    return Number(looked?.rows[0]?.['mine']) > 0;
  }

  async release(session: MysqlSession, { queue, key, token }: LockHolder): Promise<void> {
    await session.query(`DELETE FROM ${this.#locks} WHERE queue_name = ? AND lock_key = ? AND token = ?`, [
      queue,
      keyOf(key),
      token,
    ]);
  }

  /** Passes over what others are busy with. */
  async #removeExpired(session: MysqlSession): Promise<void> {
    await session.together(async (transaction) => {
      const { rows } = await transaction.query(
        `SELECT queue_name, lock_key FROM ${this.#locks} WHERE expires_at <= ${NOW} LIMIT ? FOR UPDATE SKIP LOCKED`,
        [REMOVED_AT_ONCE],
      );
      if (rows.length > 0) {
        const keys = rows.map((row) => [row['queue_name'], row['lock_key']]);
        await transaction.query(`DELETE FROM ${this.#locks} WHERE (queue_name, lock_key) IN (?)`, [keys]);
      }
    });
  }
}

/** A key may be any text, but not so the key of a table. */
function keyOf(key: string): Buffer {
  const bytes = Buffer.from(key);
  return bytes.length <= MAX_KEY_BYTES
    ? bytes
    : Buffer.from(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
}
