import { MessageHandler } from 'nestjs-messenger';
import { GetOrder } from './get-order.query.js';
import type { Order } from './order.js';
import { OrderHistory } from './order-history.js';
import { OrderNotFoundError } from './order-not-found.error.js';
import { OrderRepository } from './order.repository.js';

@MessageHandler(GetOrder, { bus: 'query' })
export class GetOrderHandler {
  constructor(
    private readonly orders: OrderRepository,
    private readonly history: OrderHistory,
  ) {}

  handle({ orderId }: GetOrder): Order {
    const order = this.orders.find(orderId);
    if (order === undefined) {
      throw new OrderNotFoundError(orderId);
    }
    return { ...order, history: this.history.of(orderId) };
  }
}
