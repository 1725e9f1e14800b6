import {
  DispatchAfterCurrentBusStamp,
  type HandlerContext,
  InjectBus,
  MessageBus,
  MessageHandler,
} from 'nestjs-messenger';
import { tenantOf, TenantStamp } from '../tenancy/tenant.stamp.js';
import { OrderHistory } from './order-history.js';
import { OrderPlaced } from './order-placed.event.js';
import { OrderRepository } from './order.repository.js';
import { PlaceOrder } from './place-order.command.js';
import { PRICES } from './price-list.js';

@MessageHandler(PlaceOrder, { bus: 'command' })
export class PlaceOrderHandler {
  constructor(
    private readonly orders: OrderRepository,
    private readonly history: OrderHistory,
    @InjectBus('event') private readonly events: MessageBus,
  ) {}

  async handle({ customer, sku, quantity }: PlaceOrder, context: HandlerContext): Promise<number> {
    const tenant = tenantOf(context.envelope);
    const totalCents = quantity * (PRICES.get(sku) ?? 0);
    const placedAt = new Date();
    const orderId = this.orders.add({ customer, sku, quantity, totalCents, tenant, placedAt });
    this.history.add(orderId, 'orders', `${quantity} × ${sku} ordered by ${customer}`);
    // Sent once this handler has succeeded: nobody hears of an order that was not stored.
    await this.events.dispatch(new OrderPlaced(orderId, customer, sku, quantity, totalCents, placedAt), [
      new DispatchAfterCurrentBusStamp(),
      new TenantStamp(tenant),
    ]);
    return orderId;
  }
}
