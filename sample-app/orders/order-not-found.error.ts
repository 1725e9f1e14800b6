/** There is no order with this id. */
export class OrderNotFoundError extends Error {
  constructor(readonly orderId: number) {
    super(`There is no order ${orderId}.`);
  }
}
