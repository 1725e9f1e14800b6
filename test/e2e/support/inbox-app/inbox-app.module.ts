import { type DynamicModule, Module } from '@nestjs/common';
import type { TransactionRunner } from '../../../../lib/inbox/transaction-runner.js';
import { MessengerModule } from '../../../../lib/module/messenger.module.js';
import {
  loadSqliteDriver,
  type SqliteDatabase,
} from '../../../../lib/transports/sql/sqlite/sqlite.driver.js';
import { Ledger } from '../../../fixtures/e2e-app/ledger.js';
import { Accounts } from './accounts.js';

/** What a test may choose. */
export interface InboxAppOptions {
  /** Holds the database, the ledger and the switches. */
  readonly folder: string;
  /** Who opens the transactions. */
  readonly transactions: 'inbox' | 'application';
}

/** An application whose deposits are made once each. */
@Module({})
export class InboxAppModule {
  static in({ folder, transactions }: InboxAppOptions): DynamicModule {
    const file = databaseIn(folder);
    const dsn = `sqlite:${file}?redeliver_timeout=1`;
    return {
      module: InboxAppModule,
      imports: [
        MessengerModule.forRoot({
          transports: {
            async: { dsn, inbox: true, retry: { maxRetries: 5, delay: 50, jitter: 0 } },
            failed: `${dsn}&queue_name=failed`,
          },
          failureTransport: 'failed',
          routing: [['*', 'async']],
          maxDeliveries: 50,
          ...(transactions === 'application' && { transaction: new ApplicationTransactions(file) }),
        }),
      ],
      providers: [Accounts, { provide: Ledger, useValue: new Ledger(folder) }],
    };
  }
}

export function databaseIn(folder: string): string {
  return `${folder}/app.db`;
}

/** Transactions on a handle of the application, opened with the first of them. */
class ApplicationTransactions implements TransactionRunner {
  readonly #file: string;
  #database: SqliteDatabase | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  async run<T>(work: (transaction: object) => Promise<T>): Promise<T> {
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

  #open(): SqliteDatabase {
    const database = loadSqliteDriver('application').open(this.#file);
    database.exec('PRAGMA busy_timeout = 5000');
    return database;
  }
}
