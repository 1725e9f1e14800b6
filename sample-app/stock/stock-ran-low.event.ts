/** Little is left of an article. Published for whoever will care; so far nobody does, which the event bus allows. */
export class StockRanLow {
  constructor(
    readonly sku: string,
    readonly available: number,
  ) {}
}
