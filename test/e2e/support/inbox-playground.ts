import { loadSqliteDriver, type SqliteDatabase } from '../../../lib/transports/sql/sqlite/sqlite.driver.js';
import { AppPlayground } from './app-playground.js';
import { databaseIn, InboxAppModule, type InboxAppOptions } from './inbox-app/inbox-app.module.js';

/** How long a wait may take: on a busy machine an application needs many seconds to boot. */
export const INBOX_DEADLINE_MS = 45_000;

/** A database of an application, an application in this process that dispatches, and workers that write to the database. */
export class InboxPlayground extends AppPlayground<InboxAppOptions> {
  constructor(transactions: InboxAppOptions['transactions']) {
    const producer = (given: InboxAppOptions) => InboxAppModule.in(given);
    const fixture = { path: 'test/e2e/support/inbox-app', producer, deadlineMs: INBOX_DEADLINE_MS };
    super(fixture, (folder) => ({ folder, transactions }));
    this.#with((database) => database.exec('CREATE TABLE deposits (number INTEGER, amount INTEGER)'));
  }

  /** The numbers of the deposits that were made, in order. */
  get deposits(): readonly number[] {
    const rows = this.#with((database) =>
      database.prepare('SELECT number FROM deposits ORDER BY number').all(),
    );
    return rows.map((row) => (row as { number: number }).number);
  }

  /** How many messages are left in the transports. */
  async left(): Promise<number> {
    const counts = await Promise.all(['async', 'failed'].map((name) => this.counts(name)));
    return counts.reduce((sum, { ready, inFlight = 0, delayed = 0 }) => sum + ready + inFlight + delayed, 0);
  }

  #with<T>(use: (database: SqliteDatabase) => T): T {
    const database = loadSqliteDriver('test').open(databaseIn(this.folder));
    try {
      database.exec('PRAGMA busy_timeout = 5000');
      return use(database);
    } finally {
      database.close();
    }
  }
}
