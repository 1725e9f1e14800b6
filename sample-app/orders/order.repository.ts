import { Injectable } from '@nestjs/common';
import { ShopDatabase } from '../database/shop-database.js';
import type { Order } from './order.js';

/** What is known of an order when it is placed. */
export interface NewOrder extends Omit<Order, 'id' | 'placedAt' | 'history'> {
  readonly placedAt: Date;
}

@Injectable()
export class OrderRepository {
  constructor(private readonly database: ShopDatabase) {}

  /** Stores the order, and returns its id. */
  add({ customer, sku, quantity, totalCents, tenant, placedAt }: NewOrder): number {
    return this.database.run(
      'INSERT INTO orders (customer, sku, quantity, total_cents, tenant, placed_at) VALUES (?, ?, ?, ?, ?, ?)',
      customer,
      sku,
      quantity,
      totalCents,
      tenant,
      placedAt.toISOString(),
    ).id;
  }

  find(id: number): Omit<Order, 'history'> | undefined {
    return this.database.get(
      `SELECT id, customer, sku, quantity, total_cents AS totalCents, tenant, placed_at AS placedAt
       FROM orders WHERE id = ?`,
      id,
    );
  }
}
