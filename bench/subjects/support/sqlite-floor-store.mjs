import { HEADERS } from './order-codec.mjs';

/**
 * The hand-written queue of the floors: one table, prepared statements, one process-wide connection. It keeps what a
 * message bus must keep (body, headers, queue, times), and does nothing a message bus could do without.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    body TEXT NOT NULL,
    headers TEXT NOT NULL,
    queue_name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    available_at INTEGER NOT NULL,
    delivered_at INTEGER
  );
  CREATE INDEX IF NOT EXISTS messages_ready ON messages (queue_name, delivered_at, available_at, id);
`;

const CLAIM = `
  UPDATE messages SET delivered_at = ? WHERE id IN (
    SELECT id FROM messages WHERE queue_name = 'default' AND delivered_at IS NULL AND available_at <= ?
    ORDER BY available_at, id LIMIT ?
  ) RETURNING id, body, headers
`;

export async function openFloorStore(file) {
  const database = await openDatabase(file);
  database.exec(SCHEMA);
  return new FloorStore(database);
}

/** The SQLite of Node.js, or its twin from npm where Node.js has none. */
export async function openDatabase(file) {
  const { DatabaseSync } = await import('node:sqlite').catch(() => import('@photostructure/sqlite'));
  const database = new DatabaseSync(file);
  database.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  return database;
}

class FloorStore {
  #database;
  #insert;
  #claim;
  #delete;
  #nextDue;

  constructor(database) {
    this.#database = database;
    this.#insert = database.prepare(
      "INSERT INTO messages (body, headers, queue_name, created_at, available_at) VALUES (?, ?, 'default', ?, ?)",
    );
    this.#claim = database.prepare(CLAIM);
    this.#delete = database.prepare('DELETE FROM messages WHERE id = ?');
    this.#nextDue = database.prepare(
      "SELECT min(available_at) AS due FROM messages WHERE queue_name = 'default' AND delivered_at IS NULL",
    );
  }

  insert(message, delay = 0) {
    const at = Date.now();
    this.#insert.run(JSON.stringify(message), HEADERS, at, at + delay);
  }

  insertAll(messages) {
    this.#transaction(() => messages.forEach((message) => this.insert(message)));
  }

  claim(max) {
    const at = Date.now();
    return this.#claim.all(at, at, max).sort((a, b) => a.id - b.id);
  }

  /** When the next message is due, in milliseconds since the epoch. */
  nextDue() {
    return this.#nextDue.get().due ?? Infinity;
  }

  deleteAll(rows) {
    this.#transaction(() => rows.forEach(({ id }) => this.#delete.run(id)));
  }

  close() {
    this.#database.close();
  }

  #transaction(work) {
    this.#database.exec('BEGIN IMMEDIATE');
    work();
    this.#database.exec('COMMIT');
  }
}
