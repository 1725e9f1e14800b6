import { type Batch, type BatchItem, MessageHandler, RedeliveryStamp } from 'nestjs-messenger';
import { OrderHistory } from '../orders/order-history.js';
import { OrderPlaced } from '../orders/order-placed.event.js';
import { Invoices } from './invoices.js';
import { PaymentProvider } from './payment-provider.js';

/**
 * Collects the money for a batch of orders, and stores all their invoices in one transaction. Orders that cannot be paid
 * are retried on their own; the rest of their batch is done.
 */
@MessageHandler(OrderPlaced, { bus: 'event', batch: { size: 20, idleTimeout: 100 } })
export class IssueInvoices {
  constructor(
    private readonly provider: PaymentProvider,
    private readonly invoices: Invoices,
    private readonly history: OrderHistory,
  ) {}

  async handle(batch: Batch<OrderPlaced>): Promise<void> {
    const paid: Array<BatchItem<OrderPlaced>> = [];
    for (const item of batch) {
      try {
        await this.provider.charge(item.message.sku);
        paid.push(item);
      } catch (error) {
        this.history.add(item.message.orderId, 'billing', `payment failed, attempt ${attemptOf(item)}`);
        item.nack(error);
      }
    }
    const numbers = this.invoices.issue(paid.map(({ message }) => message));
    for (const [orderId, number] of numbers) {
      this.history.add(orderId, 'billing', `invoice ${number} issued, in a batch of ${batch.size}`);
    }
    // What was not settled here is handled once this method returns; had it thrown, it would have failed.
  }
}

function attemptOf({ envelope }: BatchItem<OrderPlaced>): number {
  return (envelope.last(RedeliveryStamp)?.retryCount ?? 0) + 1;
}
