import { openFloorStore } from './mysql-floor-store.mjs';

/** Counts the rows of the table that has the name of the run, over a connection of its own. */
export async function countRows(address) {
  const store = await openFloorStore(address);
  return () => store.count();
}
