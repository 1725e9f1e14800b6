/** The most rows that share a statement. */
export const MAX_ROWS_TOGETHER = 1000;

/** The most characters of messages that share a statement. */
const MAX_LENGTH_TOGETHER = 4 * 1024 * 1024;

/** Consecutive items that fit into one statement; a large one has a statement of its own. */
export function slicesOf<T>(items: readonly T[], lengthOf: (item: T) => number): ReadonlyArray<readonly T[]> {
  const slices: T[][] = [];
  let left = 0;
  for (const item of items) {
    const length = lengthOf(item);
    const last = slices.at(-1);
    if (last === undefined || last.length === MAX_ROWS_TOGETHER || length > left) {
      slices.push([item]);
      left = MAX_LENGTH_TOGETHER - length;
    } else {
      last.push(item);
      left -= length;
    }
  }
  return slices;
}
