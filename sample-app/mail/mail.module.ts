import { Module } from '@nestjs/common';
import { OrdersModule } from '../orders/orders.module.js';
import { Mailer } from './mailer.js';
import { RequestReviewHandler } from './request-review.handler.js';
import { SendConfirmation } from './send-confirmation.handler.js';

@Module({
  imports: [OrdersModule],
  providers: [Mailer, SendConfirmation, RequestReviewHandler],
})
export class MailModule {}
