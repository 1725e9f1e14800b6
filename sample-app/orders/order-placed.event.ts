import { AsMessage } from 'nestjs-messenger';

/**
 * A customer has placed an order. It holds what happened rather than the stored order: whoever handles it later, in
 * another process, needs nothing else, and sees no newer state by accident.
 */
@AsMessage({ name: 'order.placed' })
export class OrderPlaced {
  constructor(
    readonly orderId: number,
    readonly customer: string,
    readonly sku: string,
    readonly quantity: number,
    readonly totalCents: number,
    readonly placedAt: Date,
  ) {}
}
