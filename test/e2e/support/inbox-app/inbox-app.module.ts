import { type DynamicModule, Module } from '@nestjs/common';
import { MessengerModule } from '../../../../lib/module/messenger.module.js';
import { Ledger } from '../../../fixtures/e2e-app/ledger.js';
import { Accounts, APP_DATABASE } from './accounts.js';
import type { AppDatabase } from './app-database.js';
import { PostgresAppDatabase, type PostgresPlace } from './postgres.app-database.js';
import { SqliteAppDatabase } from './sqlite.app-database.js';

/** What a test may choose. */
export interface InboxAppOptions {
  /** Holds the ledger and the switches, and the database if it is a file. */
  readonly folder: string;
  /** Who opens the transactions. */
  readonly transactions: 'inbox' | 'application';
  /** @default a file of SQLite */
  readonly postgres?: PostgresPlace | undefined;
}

/** An application whose deposits are made once each. */
@Module({})
export class InboxAppModule {
  static in({ folder, transactions, postgres }: InboxAppOptions): DynamicModule {
    const database = databaseIn(folder, postgres);
    return {
      module: InboxAppModule,
      imports: [
        MessengerModule.forRoot({
          transports: {
            async: {
              dsn: database.dsn('default'),
              inbox: true,
              retry: { maxRetries: 5, delay: 50, jitter: 0 },
            },
            failed: database.dsn('failed'),
          },
          failureTransport: 'failed',
          routing: [['*', 'async']],
          maxDeliveries: 50,
          ...(transactions === 'application' && { transaction: database.transactions }),
        }),
      ],
      providers: [
        Accounts,
        { provide: APP_DATABASE, useValue: database },
        { provide: Ledger, useValue: new Ledger(folder) },
      ],
    };
  }
}

export function databaseIn(folder: string, postgres: PostgresPlace | undefined): AppDatabase {
  return postgres === undefined ? new SqliteAppDatabase(folder) : new PostgresAppDatabase(postgres);
}
