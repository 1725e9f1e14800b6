import { openDatabase } from './sqlite-floor-store.mjs';

/**
 * Counts what a query counts, over a connection of its own.
 *
 * @param {string} file
 * @param {string} sql Selects one column named `waiting`.
 */
export async function countWith(file, sql) {
  const database = await openDatabase(file);
  const statement = database.prepare(sql);
  return () => statement.get().waiting;
}
