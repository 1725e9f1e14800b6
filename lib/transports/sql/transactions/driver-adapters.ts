import { mysql2Adapter } from './mysql2.adapter.js';
import { pgAdapter } from './pg.adapter.js';
import { postgresJsAdapter } from './postgres-js.adapter.js';
import type { SqlDialectName } from './sql-connection.js';
import { sqliteAdapter } from './sqlite.adapter.js';
import type { AdaptedTransaction, TransactionAdapter } from './transaction-adapter.js';

/** Those of the drivers, on which libraries are built. */
export const DRIVER_ADAPTERS: readonly TransactionAdapter[] = [
  postgresJsAdapter,
  pgAdapter,
  mysql2Adapter,
  sqliteAdapter,
];

/** The first of `adapters` that knows it; `undefined` when none does, or it is nothing that could have methods. */
export function adaptByFirst(
  adapters: readonly TransactionAdapter[],
  candidate: unknown,
  dialect: SqlDialectName,
): AdaptedTransaction | undefined {
  if ((typeof candidate !== 'object' || candidate === null) && typeof candidate !== 'function') {
    return undefined;
  }
  for (const adapter of adapters) {
    const adapted = adapter.adapt(candidate, dialect);
    if (adapted !== undefined) {
      return adapted;
    }
  }
  return undefined;
}
