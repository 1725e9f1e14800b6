import { type DynamicModule, Module } from '@nestjs/common';
import { MessengerModule } from '../../../../lib/module/messenger.module.js';
import { Handlers } from '../../../fixtures/e2e-app/handlers.js';
import { Ledger } from '../../../fixtures/e2e-app/ledger.js';
import { JobHandler } from './job.handler.js';
import { JobRuns } from './job-runs.js';
import { Ordinary, Urgent } from './messages.js';
import { PriorityHandlers } from './priority.handlers.js';
import type { BrokerAppOptions } from './broker-app.options.js';
import { RecordedSettlement } from './recorded-settlement.js';

/** An application whose messages are all in one broker. */
@Module({})
export class BrokerAppModule {
  static in({ folder, dsns, maxDeliveries = 5 }: BrokerAppOptions): DynamicModule {
    return {
      module: BrokerAppModule,
      imports: [
        MessengerModule.forRoot({
          transports: {
            async: { dsn: dsns.async, retry: { maxRetries: 1, delay: 50, jitter: 0 } },
            high: dsns.high,
            low: dsns.low,
            failed: dsns.failed,
          },
          failureTransport: 'failed',
          routing: [
            [Urgent, 'high'],
            [Ordinary, 'low'],
            ['*', 'async'],
          ],
          maxDeliveries,
        }),
      ],
      providers: [
        Handlers,
        JobHandler,
        JobRuns,
        PriorityHandlers,
        RecordedSettlement,
        { provide: Ledger, useValue: new Ledger(folder) },
      ],
    };
  }
}
