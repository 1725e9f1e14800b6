import { Module } from '@nestjs/common';
import { MessengerModule, ValidationMiddleware } from 'nestjs-messenger';
import { AuditMiddleware } from './audit/audit.middleware.js';
import { BillingModule } from './billing/billing.module.js';
import { DatabaseModule } from './database/database.module.js';
import { HealthController } from './health/health.controller.js';
import { MailModule } from './mail/mail.module.js';
import { RequestReview } from './mail/request-review.command.js';
import { OrderPlaced } from './orders/order-placed.event.js';
import { OrdersModule } from './orders/orders.module.js';
import { StockModule } from './stock/stock.module.js';

@Module({
  imports: [
    MessengerModule.forRoot({
      transports: {
        async: {
          dsn: process.env.MESSENGER_TRANSPORT_DSN ?? 'sqlite:var/messenger.db',
          retry: { maxRetries: 3, delay: Number(process.env.MESSENGER_RETRY_DELAY ?? 1000), multiplier: 2 },
        },
        // Failed messages need a transport whose messages can be listed, shown and retried one by one: SQLite or Redis.
        failed: process.env.MESSENGER_FAILURE_DSN ?? 'sqlite:var/messenger.db?queue_name=failed',
      },
      failureTransport: 'failed',
      // What is not routed, the commands and queries of the controllers, is handled at once in the process that dispatches it.
      routing: [
        [OrderPlaced, 'async'],
        [RequestReview, 'async'],
      ],
      defaultBus: 'command',
      buses: {
        command: { middleware: [AuditMiddleware, ValidationMiddleware] },
        event: { middleware: [AuditMiddleware], allowNoHandlers: true },
        query: {},
      },
    }),
    DatabaseModule,
    OrdersModule,
    MailModule,
    StockModule,
    BillingModule,
  ],
  controllers: [HealthController],
})
export class AppModule {}
