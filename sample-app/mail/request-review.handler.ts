import { type HandlerContext, MessageHandler } from 'nestjs-messenger';
import { OrderHistory } from '../orders/order-history.js';
import { tenantOf } from '../tenancy/tenant.stamp.js';
import { Mailer } from './mailer.js';
import { RequestReview } from './request-review.command.js';

@MessageHandler(RequestReview, { bus: 'command' })
export class RequestReviewHandler {
  constructor(
    private readonly mailer: Mailer,
    private readonly history: OrderHistory,
  ) {}

  handle({ orderId, customer }: RequestReview, { envelope }: HandlerContext): void {
    this.mailer.send({
      reference: `review-${orderId}`,
      sender: `reviews@${tenantOf(envelope)}.example`,
      recipient: customer,
      subject: `How do you like your order ${orderId}?`,
    });
    this.history.add(orderId, 'mail', `review requested from ${customer}`);
  }
}
