import { Injectable, Logger } from '@nestjs/common';
import { ShopDatabase } from '../database/shop-database.js';
import type { HistoryEntry } from './order.js';

/** What the departments of the shop have done for an order, in order. */
@Injectable()
export class OrderHistory {
  private readonly logger = new Logger('History');

  constructor(private readonly database: ShopDatabase) {}

  add(orderId: number, department: string, entry: string): void {
    this.logger.log(`Order ${orderId}, ${department}: ${entry}`);
    this.database.run(
      'INSERT INTO order_history (order_id, at, department, entry) VALUES (?, ?, ?, ?)',
      orderId,
      new Date().toISOString(),
      department,
      entry,
    );
  }

  of(orderId: number): readonly HistoryEntry[] {
    return this.database.all(
      'SELECT at, department, entry FROM order_history WHERE order_id = ? ORDER BY id',
      orderId,
    );
  }
}
