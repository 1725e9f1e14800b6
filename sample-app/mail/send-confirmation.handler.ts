import { DelayStamp, type HandlerContext, MessageBus, MessageHandler } from 'nestjs-messenger';
import { OrderHistory } from '../orders/order-history.js';
import { OrderPlaced } from '../orders/order-placed.event.js';
import { tenantOf, TenantStamp } from '../tenancy/tenant.stamp.js';
import { Mailer } from './mailer.js';
import { RequestReview } from './request-review.command.js';

/** How long after the confirmation the customer is asked for a review. */
const REVIEW_DELAY = process.env.SHOP_REVIEW_DELAY ?? '1 minute';

@MessageHandler(OrderPlaced, { bus: 'event' })
export class SendConfirmation {
  constructor(
    private readonly mailer: Mailer,
    private readonly history: OrderHistory,
    private readonly commands: MessageBus,
  ) {}

  async handle({ orderId, customer }: OrderPlaced, { envelope }: HandlerContext): Promise<void> {
    const tenant = tenantOf(envelope);
    this.mailer.send({
      reference: `confirmation-${orderId}`,
      sender: `orders@${tenant}.example`,
      recipient: customer,
      subject: `Your order ${orderId}`,
    });
    this.history.add(orderId, 'mail', `confirmation sent to ${customer} from orders@${tenant}.example`);
    await this.commands.dispatch(new RequestReview(orderId, customer), [
      DelayStamp.for(REVIEW_DELAY),
      new TenantStamp(tenant),
    ]);
  }
}
