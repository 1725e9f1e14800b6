import type { DeduplicationLocks } from '../../../transport/capabilities.js';
import type { ServerTable } from './server.table.js';

/** The locks of one queue, by the clock of the database. */
export class ServerLocks implements DeduplicationLocks {
  readonly #table: ServerTable;
  readonly #queue: string;

  constructor(table: ServerTable, queue: string) {
    this.#table = table;
    this.#queue = queue;
  }

  async acquire(key: string, token: string, ttl: number): Promise<boolean> {
    const request = { queue: this.#queue, key, token, ttl: Math.ceil(ttl) };
    return this.#table.run((session) => this.#table.locks.acquire(session, request));
  }

  async release(key: string, token: string): Promise<void> {
    const request = { queue: this.#queue, key, token };
    await this.#table.run((session) => this.#table.locks.release(session, request));
  }
}
