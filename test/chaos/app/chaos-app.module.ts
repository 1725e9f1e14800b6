import { type DynamicModule, Module } from '@nestjs/common';
import { MessengerModule } from '../../../lib/module/messenger.module.js';
import type { ArmedFailpoint } from '../failpoints/failpoint.js';
import { Failpoints } from '../failpoints/failpoints.js';
import { ChaosLedger } from '../ledger/chaos-ledger.js';
import type { ChaosAppOptions } from './chaos-app.options.js';
import { ChaosHooks, RELAYED_TOGETHER } from './chaos-hooks.js';
import { ChaosHandlers } from './chaos.handlers.js';
import { HandlerLog } from './handler-log.js';
import { Keyed } from './messages.js';
import { OnceHandler } from './once.handler.js';

const RETRY = { maxRetries: 3, delay: 50, multiplier: 1, jitter: 0 };

/** The application that is made to fail. Every process of a run is one. */
@Module({})
export class ChaosAppModule {
  /** @param armed the failpoints of this process; only an entry file that was told to arms any. @default none */
  static in(options: ChaosAppOptions, armed: readonly ArmedFailpoint[] = []): DynamicModule {
    const { folder, dsns, more = {}, retry = RETRY, failureTransport = 'failed' } = options;
    const { inbox, outbox, maxDeliveries, relayedTogether = Number.POSITIVE_INFINITY } = options;
    const ledger = new ChaosLedger(folder);
    const failpoints = new Failpoints(armed, ledger);
    const kept = { ...(inbox !== undefined && { inbox }), ...(outbox !== undefined && { outbox }) };
    return {
      module: ChaosAppModule,
      imports: [
        MessengerModule.forRoot({
          transports: {
            async: { dsn: dsns.async, retry, ...kept },
            keyed: { dsn: dsns.keyed, retry, ...kept },
            failed: dsns.failed,
            ...more,
          },
          failureTransport,
          routing: [
            [Keyed, 'keyed'],
            ['*', 'async'],
          ],
          ...(maxDeliveries !== undefined && { maxDeliveries }),
        }),
      ],
      providers: [
        ChaosHandlers,
        ChaosHooks,
        ...(inbox === undefined ? [] : [OnceHandler]),
        { provide: HandlerLog, useValue: new HandlerLog(ledger, failpoints) },
        { provide: ChaosLedger, useValue: ledger },
        { provide: Failpoints, useValue: failpoints },
        { provide: RELAYED_TOGETHER, useValue: relayedTogether },
      ],
    };
  }
}
