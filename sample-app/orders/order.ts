/** One thing that a department of the shop has done for an order. */
export interface HistoryEntry {
  readonly at: string;
  readonly department: string;
  readonly entry: string;
}

/** An order as the shop shows it. */
export interface Order {
  readonly id: number;
  readonly customer: string;
  readonly sku: string;
  readonly quantity: number;
  readonly totalCents: number;
  readonly tenant: string;
  readonly placedAt: string;
  readonly history: readonly HistoryEntry[];
}
