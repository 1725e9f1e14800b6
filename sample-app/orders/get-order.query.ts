import { Query } from 'nestjs-messenger';
import type { Order } from './order.js';

/** Asks for an order. `bus.execute(new GetOrder(7))` is a `Promise<Order>`. */
export class GetOrder extends Query<Order> {
  constructor(readonly orderId: number) {
    super();
  }
}
