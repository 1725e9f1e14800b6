/** A message as it is written into a row. */
export interface EncodedRow {
  readonly body: string | Uint8Array;
  /** A JSON object of texts. */
  readonly headers: string;
  /** Milliseconds until it is due. */
  readonly delay: number;
}

/** The columns a message is read back from. */
export interface MessageRow {
  readonly id: number;
  /** A text as a string; bytes as the driver hands them out. */
  readonly body: unknown;
  readonly headers: string;
  /** Epoch milliseconds. */
  readonly available_at: number;
  /** How often it was handed out, this time included. */
  readonly delivery_count: number;
}

/** A place in the order in which the rows of a queue are due. */
export type RowPlace = Pick<MessageRow, 'available_at' | 'id'>;

/** What settles a row: it changes nothing if another claim holds the row by now. */
export interface RowClaim {
  readonly rowId: number;
  /** The token of the claim. */
  readonly owner: string;
}

/** Rows that were claimed together, under one token. */
export interface Claim {
  readonly owner: string;
  /** In the order in which they became due. */
  readonly rows: readonly MessageRow[];
}

/** In the order in which they are due. */
export function byPlace(a: RowPlace, b: RowPlace): number {
  return a.available_at - b.available_at || a.id - b.id;
}

/**
 * A claim ends with the message whose body makes it weigh this much, in bytes: a queue may go from a thousand tiny messages
 * to a hundred huge ones, and what was claimed is all in memory.
 */
export const MAX_CLAIM_BYTES = 8 * 1024 * 1024;
