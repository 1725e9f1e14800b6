import { UnusableTransactionError } from '../../../errors/unusable-transaction.error.js';
import { resultOfRows, withInsertId } from './driver-results.js';
import type { SqlDialectName, SqlResult, SqlRow } from './sql-connection.js';
import { hasMethods, propertyOf } from './structure.js';
import type { AdaptedTransaction, TransactionAdapter } from './transaction-adapter.js';

/** A statement as if Kysely had compiled it. */
interface CompiledQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly query: {
    readonly kind: 'RawNode';
    readonly sqlFragments: readonly string[];
    readonly parameters: readonly [];
  };
  readonly queryId: { readonly queryId: string };
}

interface KyselyResult {
  readonly rows: readonly SqlRow[];
  /** Absent for what changes no rows. */
  readonly numAffectedRows?: bigint | undefined;
  readonly insertId?: bigint | undefined;
}

/** The part of a transaction of Kysely that is used. */
interface KyselyTransaction {
  readonly isTransaction: boolean;
  /** Of a controlled transaction only. */
  readonly isCommitted?: boolean;
  /** Of a controlled transaction only. */
  readonly isRolledBack?: boolean;
  withoutPlugins(): { executeQuery(query: CompiledQuery): Promise<KyselyResult> };
}

const INSTEAD = 'the transaction that db.transaction().execute(async (trx) => …) hands out, while it is open';

/** A `Transaction` of Kysely, controlled or not. Tried with kysely 0.28.18. */
export const kyselyAdapter: TransactionAdapter = {
  kind: 'a Transaction of Kysely',
  adapt: (candidate, dialect) => (isKysely(candidate) ? adaptKysely(candidate, dialect) : undefined),
};

function adaptKysely(transaction: KyselyTransaction, dialect: SqlDialectName): AdaptedTransaction {
  return {
    refusal: () => refusalOf(transaction),
    // Plugins may rename columns.
    query: async (sql, parameters) =>
      resultOf(await transaction.withoutPlugins().executeQuery(compiled(sql, parameters)), dialect),
  };
}

function compiled(sql: string, parameters: readonly unknown[]): CompiledQuery {
  return {
    sql,
    parameters,
    query: { kind: 'RawNode', sqlFragments: [sql], parameters: [] },
    queryId: { queryId: 'messenger' },
  };
}

function resultOf({ rows, numAffectedRows, insertId }: KyselyResult, dialect: SqlDialectName): SqlResult {
  if (rows.length > 0 || numAffectedRows === undefined) {
    return resultOfRows(rows);
  }
  // SQLite's is that of the last row.
  return withInsertId(numAffectedRows, dialect === 'mysql' ? insertId : undefined);
}

function refusalOf(transaction: KyselyTransaction): UnusableTransactionError | undefined {
  if (!transaction.isTransaction) {
    return new UnusableTransactionError('An instance of Kysely', 'it is no transaction', INSTEAD);
  }
  return transaction.isCommitted === true || transaction.isRolledBack === true
    ? new UnusableTransactionError('A Transaction of Kysely', 'it has ended', INSTEAD)
    : undefined;
}

function isKysely(value: object): value is KyselyTransaction {
  return (
    hasMethods(value, 'executeQuery', 'withoutPlugins') &&
    typeof propertyOf(value, 'isTransaction') === 'boolean'
  );
}
