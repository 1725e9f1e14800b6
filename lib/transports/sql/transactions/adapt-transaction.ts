import { UnknownTransactionError } from '../../../errors/unknown-transaction.error.js';
import { UnusableTransactionError } from '../../../errors/unusable-transaction.error.js';
import { adaptByFirst, DRIVER_ADAPTERS } from './driver-adapters.js';
import { drizzleAdapter } from './drizzle.adapter.js';
import { knexAdapter } from './knex.adapter.js';
import { kyselyAdapter } from './kysely.adapter.js';
import { mikroOrmAdapter } from './mikro-orm.adapter.js';
import { ownConnectionAdapter } from './own-connection.adapter.js';
import { prismaAdapter } from './prisma.adapter.js';
import { sequelizeAdapter } from './sequelize.adapter.js';
import type { SqlConnection, SqlDialectName } from './sql-connection.js';
import type { AdaptedTransaction, TransactionAdapter } from './transaction-adapter.js';
import { typeOrmAdapter } from './typeorm.adapter.js';

/** Asked in this order: libraries that are built upon drivers before the drivers, whose methods some of them have too. */
export const TRANSACTION_ADAPTERS: readonly TransactionAdapter[] = [
  ownConnectionAdapter,
  typeOrmAdapter,
  prismaAdapter,
  drizzleAdapter,
  kyselyAdapter,
  mikroOrmAdapter,
  knexAdapter,
  sequelizeAdapter,
  ...DRIVER_ADAPTERS,
];

/**
 * Sends statements in a transaction that the application has begun with a library of its own. It is neither committed nor
 * rolled back here.
 *
 * @param dialect the SQL that will be sent.
 * @throws UnknownTransactionError when it is of no known library.
 * @throws UnusableTransactionError when it is seen to be no open transaction, or one of another kind of database; some of that
 * is seen with the first statement only. What a library does not tell is taken on trust.
 */
export function adaptTransaction(transaction: object, dialect: SqlDialectName): SqlConnection {
  const adapted = adaptByFirst(TRANSACTION_ADAPTERS, transaction, dialect);
  if (adapted === undefined) {
    const known = TRANSACTION_ADAPTERS.map(({ kind }) => kind);
    throw new UnknownTransactionError(descriptionOf(transaction), known);
  }
  assertSpeaks(adapted, dialect);
  throwIfAny(adapted.refusal());
  let probed: Promise<void> | undefined;
  return {
    query: async (sql, params) => {
      throwIfAny(adapted.refusal());
      probed ??= probe(adapted);
      await probed;
      return adapted.query(sql, params.map(portableValue));
    },
  };
}

async function probe(adapted: AdaptedTransaction): Promise<void> {
  throwIfAny(await adapted.probe?.());
}

function throwIfAny(refusal: UnusableTransactionError | undefined): void {
  if (refusal !== undefined) {
    throw refusal;
  }
}

function assertSpeaks(adapted: AdaptedTransaction, dialect: SqlDialectName): void {
  if (adapted.dialect !== undefined && adapted.dialect !== dialect) {
    throw new UnusableTransactionError(
      `A transaction of ${NAMES[adapted.dialect]}`,
      `the messages are stored in ${NAMES[dialect]}`,
      'a transaction of the database that the transport stores messages in',
    );
  }
}

const NAMES: Readonly<Record<SqlDialectName, string>> = {
  postgres: 'PostgreSQL',
  mysql: 'MySQL or MariaDB',
  sqlite: 'SQLite',
};

/** Not every library knows bytes that are no `Buffer`. */
function portableValue(value: unknown): unknown {
  return value instanceof Uint8Array && !Buffer.isBuffer(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : value;
}

function descriptionOf(value: unknown): string {
  if (typeof value === 'function') {
    return `the function "${value.name}"`;
  }
  const prototype: unknown =
    typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : undefined;
  const name = (prototype as { constructor?: { name?: unknown } } | null | undefined)?.constructor?.name;
  return typeof name === 'string' && name !== '' && name !== 'Object'
    ? `an instance of "${name}"`
    : String(typeof value === 'object' && value !== null ? 'a plain object' : value);
}
