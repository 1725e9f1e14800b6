import type { RollEntry } from '../../../../transport/capabilities.js';
import type { NewRollEntry, ServerRollRows } from '../server.dialect.js';
import { quoteIdentifier } from './mysql.names.js';
import { workersOf } from './mysql.schema.js';
import type { MysqlSession } from './mysql.session.js';
import { NOW } from './mysql.statements.js';

/** The roll of the workers on one table in MySQL or MariaDB. */
export class MysqlRoll implements ServerRollRows {
  readonly #workers: string;
  readonly #known = new Set<string>();

  constructor(tableName: string) {
    this.#workers = quoteIdentifier(workersOf(tableName));
  }

  async enter(session: MysqlSession, { id, details, ttl }: NewRollEntry): Promise<void> {
    if (!this.#known.has(id)) {
      // Only now and then: to look for rows by their age locks all of them.
      await session.query(`DELETE FROM ${this.#workers} WHERE expires_at <= ${NOW}`, []);
      this.#known.add(id);
    }
    await session.query(
      `INSERT INTO ${this.#workers} (id, details, entered_at, expires_at) VALUES (?, ?, ${NOW}, ${NOW} + ?)
       ON DUPLICATE KEY UPDATE details = VALUES(details), entered_at = VALUES(entered_at), expires_at = VALUES(expires_at)`,
      [id, details, ttl],
    );
  }

  async leave(session: MysqlSession, id: string): Promise<void> {
    this.#known.delete(id);
    await session.query(`DELETE FROM ${this.#workers} WHERE id = ?`, [id]);
  }

  async entries(session: MysqlSession): Promise<readonly RollEntry[]> {
    const { rows } = await session.query(
      `SELECT id, details, ${NOW} - entered_at AS age FROM ${this.#workers} WHERE expires_at > ${NOW}`,
      [],
    );
    return rows.map((row) => ({
      id: String(row['id']),
      details: String(row['details']),
      age: Math.max(0, Number(row['age'])),
    }));
  }
}
