import type { TransactionRunner } from '../../../../lib/inbox/transaction-runner.js';
import {
  loadSqliteDriver,
  type SqliteDatabase,
} from '../../../../lib/transports/sql/sqlite/sqlite.driver.js';
import type { AppDatabase } from './app-database.js';

/** A file, and one handle for all transactions of the application, opened with the first of them. */
export class SqliteAppDatabase implements AppDatabase {
  readonly transactions: TransactionRunner = { run: (work) => this.#inTransaction(work) };
  readonly #file: string;
  #database: SqliteDatabase | undefined;

  constructor(folder: string) {
    this.#file = `${folder}/app.db`;
  }

  dsn(queue: string): string {
    return `sqlite:${this.#file}?redeliver_timeout=1&queue_name=${queue}`;
  }

  async create(): Promise<void> {
    this.#with((database) => database.exec('CREATE TABLE deposits (number INTEGER, amount INTEGER)'));
  }

  async deposit(transaction: object, number: number, amount: number): Promise<void> {
    const insert = 'INSERT INTO deposits (number, amount) VALUES (?, ?)';
    (transaction as SqliteDatabase).prepare(insert).run(number, amount);
  }

  async deposits(): Promise<readonly number[]> {
    const select = 'SELECT number FROM deposits ORDER BY number';
    const rows = this.#with((database) => database.prepare(select).all());
    return rows.map((row) => (row as { number: number }).number);
  }

  async remove(): Promise<void> {
    this.#database?.close();
  }

  async #inTransaction<T>(work: (transaction: object) => Promise<T>): Promise<T> {
    this.#database ??= this.#open();
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = await work(this.#database);
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #with<T>(use: (database: SqliteDatabase) => T): T {
    const database = this.#open();
    try {
      return use(database);
    } finally {
      database.close();
    }
  }

  #open(): SqliteDatabase {
    const database = loadSqliteDriver('application').open(this.#file);
    database.exec('PRAGMA busy_timeout = 5000');
    return database;
  }
}
