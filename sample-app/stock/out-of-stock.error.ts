/** Less than wanted is left. The retries give the shelves time to be filled. */
export class OutOfStockError extends Error {
  constructor(
    readonly sku: string,
    readonly wanted: number,
  ) {
    super(`There are no ${wanted} "${sku}" left.`);
  }
}
