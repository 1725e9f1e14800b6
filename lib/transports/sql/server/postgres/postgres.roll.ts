import type { RollEntry } from '../../../../transport/capabilities.js';
import type { NewRollEntry, ServerRollRows } from '../server.dialect.js';
import type { ServerSession } from '../server.pool.js';
import { quoteIdentifier } from './postgres.names.js';
import { workersOf } from './postgres.schema.js';
import { NOW } from './postgres.statements.js';

/** The roll of the workers on one table in PostgreSQL. */
export class PostgresRoll implements ServerRollRows {
  readonly #enter: string;
  readonly #leave: string;
  readonly #entries: string;

  constructor(tableName: string) {
    const workers = quoteIdentifier(workersOf(tableName));
    // Takes along those that have ended by themselves, passing over what others are busy with.
    this.#enter = `
      WITH expired AS (
        SELECT ctid AS place FROM ${workers} WHERE expires_at <= ${NOW} AND id <> $1 LIMIT 100 FOR UPDATE SKIP LOCKED
      ), removed AS (
        DELETE FROM ${workers} WHERE ctid = ANY (ARRAY(SELECT place FROM expired))
      )
      INSERT INTO ${workers} (id, details, entered_at, expires_at) VALUES ($1, $2, ${NOW}, ${NOW} + $3::bigint)
      ON CONFLICT (id) DO UPDATE
      SET details = excluded.details, entered_at = excluded.entered_at, expires_at = excluded.expires_at`;
    this.#leave = `DELETE FROM ${workers} WHERE id = $1`;
    this.#entries = `SELECT id, details, ${NOW} - entered_at AS age FROM ${workers} WHERE expires_at > ${NOW}`;
  }

  async enter(session: ServerSession, { id, details, ttl }: NewRollEntry): Promise<void> {
    await session.query(this.#enter, [id, details, ttl]);
  }

  async leave(session: ServerSession, id: string): Promise<void> {
    await session.query(this.#leave, [id]);
  }

  async entries(session: ServerSession): Promise<readonly RollEntry[]> {
    const { rows } = await session.query(this.#entries, []);
    return rows.map((row) => ({
      id: String(row['id']),
      details: String(row['details']),
      age: Math.max(0, Number(row['age'])),
    }));
  }
}
