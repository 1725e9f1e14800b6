import { sharedPostgresUrl, uniqueName } from '../../integration/postgres/support/shared-postgres.js';
import { AppPlayground } from './app-playground.js';
import type { AppDatabase } from './inbox-app/app-database.js';
import { databaseIn, InboxAppModule, type InboxAppOptions } from './inbox-app/inbox-app.module.js';

/** How long a wait may take: on a busy machine an application needs many seconds to boot. */
export const INBOX_DEADLINE_MS = 45_000;

/** What an {@link InboxPlayground} may be on. */
export type InboxDatabaseName = 'SQLite' | 'PostgreSQL';

/** A database of an application, an application in this process that dispatches, and workers that write to the database. */
export class InboxPlayground extends AppPlayground<InboxAppOptions> {
  readonly #database: AppDatabase;

  private constructor(options: Omit<InboxAppOptions, 'folder'>) {
    const producer = (given: InboxAppOptions) => InboxAppModule.in(given);
    const fixture = { path: 'test/e2e/support/inbox-app', producer, deadlineMs: INBOX_DEADLINE_MS };
    super(fixture, (folder) => ({ ...options, folder }));
    this.#database = databaseIn(this.folder, options.postgres);
  }

  static async create(
    name: InboxDatabaseName,
    transactions: InboxAppOptions['transactions'],
  ): Promise<InboxPlayground> {
    const postgres =
      name === 'PostgreSQL' ? { url: sharedPostgresUrl().href, prefix: uniqueName('inbox_e2e') } : undefined;
    const playground = new InboxPlayground({ transactions, postgres });
    await playground.#database.create();
    return playground;
  }

  /** The numbers of the deposits that were made, in order. */
  deposits(): Promise<readonly number[]> {
    return this.#database.deposits();
  }

  /** How many messages are left in the transports. */
  async left(): Promise<number> {
    const counts = await Promise.all(['async', 'failed'].map((name) => this.counts(name)));
    return counts.reduce((sum, { ready, inFlight = 0, delayed = 0 }) => sum + ready + inFlight + delayed, 0);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#database.remove();
  }
}
