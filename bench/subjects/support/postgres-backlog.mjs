import { connect } from './postgres-floor-store.mjs';
import { locate } from './sql-address.mjs';

/** Counts the rows of the table that has the name of the run: what is acknowledged is deleted. */
export function countRows(address) {
  return countWith(address, `SELECT count(*) AS waiting FROM ${locate(address).name}`);
}

/**
 * Counts what a query counts, over a connection of its own.
 *
 * @param {string} address
 * @param {string} sql Selects one column named `waiting`.
 */
export async function countWith(address, sql) {
  const client = await connect(address);
  return async () => Number((await client.query(sql)).rows[0].waiting);
}
