/** The first items of a sequence that satisfy a condition, and whether there are more of them. */
export interface Collected<T> {
  readonly items: readonly T[];
  readonly hasMore: boolean;
}

/** Reads a sequence until it has `max` items that satisfy `isWanted`, and knows of one more. */
export async function collect<T>(
  sequence: AsyncIterable<T>,
  isWanted: (item: T) => boolean,
  max: number = Number.POSITIVE_INFINITY,
): Promise<Collected<T>> {
  const items: T[] = [];
  for await (const item of sequence) {
    if (!isWanted(item)) {
      continue;
    }
    if (items.length >= max) {
      return { items, hasMore: true };
    }
    items.push(item);
  }
  return { items, hasMore: false };
}
