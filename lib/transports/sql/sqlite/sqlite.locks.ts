import type { DeduplicationLocks } from '../../../transport/capabilities.js';
import type { SqliteTable } from './sqlite.table.js';

/** The locks of one queue. Rows of locks that ended by themselves are removed when another is taken. */
export class SqliteLocks implements DeduplicationLocks {
  readonly #table: SqliteTable;
  readonly #queueName: string;

  constructor(table: SqliteTable, queueName: string) {
    this.#table = table;
    this.#queueName = queueName;
  }

  async acquire(key: string, token: string, ttl: number): Promise<boolean> {
    const table = await this.#table.open();
    const run = (): boolean => {
      const { removeExpiredLocks, acquireLock } = table.statements;
      // Read here, as the transaction may have waited for another process's.
      const now = this.#table.connection.clock.now();
      removeExpiredLocks.run(now);
      return Number(acquireLock.run(this.#queueName, key, token, now + ttl, now).changes) > 0;
    };
    return table.write({ rows: 1, isOneStatement: false, run });
  }

  async release(key: string, token: string): Promise<void> {
    const table = await this.#table.open();
    const run = () => table.statements.releaseLock.run(this.#queueName, key, token);
    await table.write({ rows: 1, isOneStatement: true, run });
  }
}
