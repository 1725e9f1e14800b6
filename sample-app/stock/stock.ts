import { Injectable } from '@nestjs/common';
import { InjectBus, MessageBus, MessageHandler } from 'nestjs-messenger';
import { ShopDatabase } from '../database/shop-database.js';
import { OrderHistory } from '../orders/order-history.js';
import { OrderPlaced } from '../orders/order-placed.event.js';
import { OutOfStockError } from './out-of-stock.error.js';
import { StockRanLow } from './stock-ran-low.event.js';

/** From here on the shop should reorder. */
const LOW = 10;

/** What lies on the shelves. A provider like any other, of which one method handles a message. */
@Injectable()
export class Stock {
  constructor(
    private readonly database: ShopDatabase,
    private readonly history: OrderHistory,
    @InjectBus('event') private readonly events: MessageBus,
  ) {}

  @MessageHandler(OrderPlaced, { bus: 'event', priority: 10 })
  async reserve({ orderId, sku, quantity }: OrderPlaced): Promise<void> {
    const isNew = this.database.transaction(() => this.take(orderId, sku, quantity));
    if (!isNew) {
      return;
    }
    this.history.add(orderId, 'stock', `${quantity} × ${sku} reserved`);
    const available = this.available(sku);
    if (available < LOW) {
      await this.events.dispatch(new StockRanLow(sku, available));
    }
  }

  available(sku: string): number {
    return (
      this.database.get<{ available: number }>('SELECT available FROM stock WHERE sku = ?', sku)?.available ??
      0
    );
  }

  /** The reservation's primary key makes a second delivery of the message harmless: false if it is stored already. */
  private take(orderId: number, sku: string, quantity: number): boolean {
    const reservation = this.database.run(
      'INSERT OR IGNORE INTO reservations (order_id, sku, quantity) VALUES (?, ?, ?)',
      orderId,
      sku,
      quantity,
    );
    if (reservation.changes === 0) {
      return false;
    }
    const taken = this.database.run(
      'UPDATE stock SET available = available - ?1 WHERE sku = ?2 AND available >= ?1',
      quantity,
      sku,
    );
    if (taken.changes === 0) {
      throw new OutOfStockError(sku, quantity);
    }
    return true;
  }
}
