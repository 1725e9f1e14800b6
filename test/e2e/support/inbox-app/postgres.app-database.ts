import { Pool, type PoolClient } from 'pg';
import type { TransactionRunner } from '../../../../lib/inbox/transaction-runner.js';
import type { AppDatabase } from './app-database.js';

/** Where the tables of the application are. */
export interface PostgresPlace {
  readonly url: string;
  /** What their names begin with; nobody else may use it. */
  readonly prefix: string;
}

/** Tables on a server, and a pool of the application, connected when it is used. */
export class PostgresAppDatabase implements AppDatabase {
  readonly transactions: TransactionRunner = { run: (work) => this.#inTransaction(work) };
  readonly #place: PostgresPlace;
  readonly #pool: Pool;

  constructor(place: PostgresPlace) {
    this.#place = place;
    this.#pool = new Pool({ connectionString: place.url, max: 5 });
  }

  dsn(queue: string): string {
    const url = new URL(this.#place.url);
    url.search = new URLSearchParams({
      table_name: `${this.#place.prefix}_messages`,
      queue_name: queue,
      redeliver_timeout: '1',
      check_delayed_interval: '500',
    }).toString();
    return url.href;
  }

  async create(): Promise<void> {
    await this.#pool.query(`CREATE TABLE ${this.#deposits} (number INTEGER, amount INTEGER)`);
  }

  async deposit(transaction: object, number: number, amount: number): Promise<void> {
    const insert = `INSERT INTO ${this.#deposits} (number, amount) VALUES ($1, $2)`;
    await (transaction as PoolClient).query(insert, [number, amount]);
  }

  async deposits(): Promise<readonly number[]> {
    const { rows } = await this.#pool.query<{ number: number }>(
      `SELECT number FROM ${this.#deposits} ORDER BY number`,
    );
    return rows.map(({ number }) => number);
  }

  async remove(): Promise<void> {
    const messages = `${this.#place.prefix}_messages`;
    const tables = ['', '_signals', '_locks', '_inbox', '_workers'].map((suffix) => `${messages}${suffix}`);
    await this.#pool.query(`DROP TABLE IF EXISTS ${[this.#deposits, ...tables].join(', ')}`);
    await this.#pool.query('DELETE FROM nestjs_messenger_schema WHERE table_name = $1', [messages]);
    await this.#pool.end();
  }

  get #deposits(): string {
    return `${this.#place.prefix}_deposits`;
  }

  async #inTransaction<T>(work: (transaction: object) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
  }
}
