import { Client } from 'pg';
import { loadSqliteDriver } from '../../../lib/transports/sql/sqlite/sqlite.driver.js';

/** The database of a producer with an outbox, over a connection of its own. */
export interface ProducerDatabase {
  /** What stands for the transaction that is open. */
  readonly transaction: object;
  begin(): Promise<void>;
  /** Stores the id in the table `chaos_orders`, which proves later whether the transaction was committed. */
  insert(id: string): Promise<void>;
  commit(): Promise<void>;
  close(): Promise<void>;
}

const TABLE = 'CREATE TABLE IF NOT EXISTS chaos_orders (id TEXT PRIMARY KEY)';

/** @param place a URL of PostgreSQL, or `sqlite:<file>`. */
export function openProducerDatabase(place: string): Promise<ProducerDatabase> {
  return place.startsWith('sqlite:')
    ? Promise.resolve(openFile(place.slice('sqlite:'.length)))
    : openPostgres(place);
}

function openFile(file: string): ProducerDatabase {
  const database = loadSqliteDriver('producer').open(file);
  database.exec('PRAGMA busy_timeout = 10000');
  database.exec(TABLE);
  const run = (sql: string): Promise<void> => {
    database.exec(sql);
    return Promise.resolve();
  };
  return {
    transaction: database,
    begin: () => run('BEGIN IMMEDIATE'),
    insert(id) {
      database.prepare('INSERT INTO chaos_orders VALUES (?)').run(id);
      return Promise.resolve();
    },
    commit: () => run('COMMIT'),
    close() {
      database.close();
      return Promise.resolve();
    },
  };
}

async function openPostgres(url: string): Promise<ProducerDatabase> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(TABLE);
  const run = async (sql: string, values: readonly string[] = []): Promise<void> => {
    await client.query(sql, [...values]);
  };
  return {
    transaction: client,
    begin: () => run('BEGIN'),
    insert: (id) => run('INSERT INTO chaos_orders VALUES ($1)', [id]),
    commit: () => run('COMMIT'),
    close: () => client.end(),
  };
}
