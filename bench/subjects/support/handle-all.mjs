/**
 * Handles `rows` in their order, at most `concurrency` at a time.
 *
 * @template T
 * @param {readonly T[]} rows
 * @param {number} concurrency
 * @param {(row: T) => Promise<void>} handle
 */
export async function handleAll(rows, concurrency, handle) {
  let next = 0;
  const lane = async () => {
    while (next < rows.length) await handle(rows[next++]);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, rows.length) }, lane));
}
