import { Injectable } from '@nestjs/common';
import { ShopDatabase } from '../database/shop-database.js';
import type { OrderPlaced } from '../orders/order-placed.event.js';

@Injectable()
export class Invoices {
  constructor(private readonly database: ShopDatabase) {}

  /** Stores an invoice for each order, all in one transaction, and returns their numbers by order id. */
  issue(orders: readonly OrderPlaced[]): ReadonlyMap<number, number> {
    return this.database.transaction(
      () => new Map(orders.map((order) => [order.orderId, this.issueOne(order)])),
    );
  }

  /** An order that has its invoice already keeps it: the message may be a second delivery. */
  private issueOne({ orderId, totalCents }: OrderPlaced): number {
    this.database.run(
      'INSERT OR IGNORE INTO invoices (order_id, total_cents) VALUES (?, ?)',
      orderId,
      totalCents,
    );
    const invoice = this.database.get<{ number: number }>(
      'SELECT number FROM invoices WHERE order_id = ?',
      orderId,
    );
    return invoice?.number ?? 0;
  }
}
