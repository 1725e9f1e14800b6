/**
 * Leaves out of a list that fails what it fails without, so that a reader sees what matters: first halves, then ever smaller
 * parts, and single items last.
 */
export async function fewestOf<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let fewest = items;
  for (let size = Math.ceil(items.length / 2); size > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    // From the end: what comes later is rather the result than the reason.
    for (let start = fewest.length - size; start > -size; start -= size) {
      const less = fewest.toSpliced(Math.max(0, start), size + Math.min(0, start));
      if (less.length > 0 && (await fails(less))) {
        fewest = less;
      }
    }
  }
  return fewest;
}
