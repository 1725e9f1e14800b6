import { createConnection } from 'mysql2/promise';

import { now } from '../../harness/clock.mjs';
import { HEADERS } from './order-codec.mjs';
import { locate } from './sql-address.mjs';

/**
 * The hand-written queue of the floor: one table. It keeps what a message bus must keep (body, headers, queue, times in
 * milliseconds), and does nothing a message bus could do without. Times are those of the clients.
 */
const schemaOf = (table) => `
  CREATE TABLE IF NOT EXISTS ${table} (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    body LONGTEXT NOT NULL,
    headers LONGTEXT NOT NULL,
    queue_name VARCHAR(190) NOT NULL,
    created_at BIGINT NOT NULL,
    available_at BIGINT NOT NULL,
    delivered_at BIGINT,
    INDEX ready (queue_name, delivered_at, available_at, id)
  ) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
`;

const COLUMNS = '(body, headers, queue_name, created_at, available_at)';

/** Opens one session. What it does in a transaction it sends in one piece as far as it can. */
export async function openFloorStore(address) {
  const { server, name } = locate(address);
  const connection = await createConnection({ uri: server, multipleStatements: true });
  // Otherwise a claim would lock the gap behind what it finds, which is where others insert.
  await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
  return new FloorStore(connection, name);
}

class FloorStore {
  #connection;
  #table;

  constructor(connection, table) {
    this.#connection = connection;
    this.#table = table;
  }

  create() {
    return this.#connection.query(schemaOf(this.#table));
  }

  /** @param {ReadonlyArray<{ message: object, due: number }>} messages */
  insertAll(messages) {
    const at = Date.now();
    const rows = messages.map(({ message, due }) => [
      JSON.stringify(message),
      HEADERS,
      'default',
      at,
      Math.round(due),
    ]);
    if (rows.length > 1) return this.#query(`INSERT INTO ${this.#table} ${COLUMNS} VALUES ?`, [rows]);
    return this.#connection.execute(`INSERT INTO ${this.#table} ${COLUMNS} VALUES (?, ?, ?, ?, ?)`, rows[0]);
  }

  async claim(max) {
    const at = Math.floor(now());
    const [, rows] = await this.#query(
      `BEGIN;
       SELECT id, body, headers FROM ${this.#table}
       WHERE queue_name = 'default' AND delivered_at IS NULL AND available_at <= ?
       ORDER BY available_at, id LIMIT ? FOR UPDATE SKIP LOCKED`,
      [at, max],
    );
    if (rows.length === 0) {
      await this.#query('COMMIT');
      return rows;
    }
    const ids = rows.map(({ id }) => id);
    await this.#query(`UPDATE ${this.#table} SET delivered_at = ? WHERE id IN (?); COMMIT`, [at, ids]);
    return rows.sort((a, b) => a.id - b.id);
  }

  /** When the next message is due, in milliseconds since the epoch. */
  async nextDue() {
    const [{ due }] = await this.#query(
      `SELECT min(available_at) AS due FROM ${this.#table}
       WHERE queue_name = 'default' AND delivered_at IS NULL`,
    );
    return due ?? Infinity;
  }

  deleteAll(ids) {
    return this.#query(`DELETE FROM ${this.#table} WHERE id IN (?)`, [ids]);
  }

  /** Messages that are not acknowledged. */
  async count() {
    const [{ waiting }] = await this.#query(`SELECT count(*) AS waiting FROM ${this.#table}`);
    return waiting;
  }

  close() {
    return this.#connection.end();
  }

  async #query(sql, values) {
    const [result] = await this.#connection.query(sql, values);
    return result;
  }
}
