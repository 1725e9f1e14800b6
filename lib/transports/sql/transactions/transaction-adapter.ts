import type { UnusableTransactionError } from '../../../errors/unusable-transaction.error.js';
import type { SqlConnection, SqlDialectName } from './sql-connection.js';

/** A transaction of an application, as the package uses it. */
export interface AdaptedTransaction extends SqlConnection {
  /** The SQL it speaks, where the library tells. */
  readonly dialect?: SqlDialectName | undefined;
  /** Why it cannot be used now, as far as the library tells. Asked before each statement. */
  refusal(): UnusableTransactionError | undefined;
  /**
   * Asks the server whether a transaction is open, where the library cannot tell. Called once, before the first statement, since
   * it costs a round trip.
   */
  probe?(): Promise<UnusableTransactionError | undefined>;
}

/** Knows the transactions of one library by their structure: the library is never imported. */
export interface TransactionAdapter {
  /** What one passes, as errors list it, e.g. `a transaction of Kysely`. */
  readonly kind: string;
  /**
   * `undefined` when it is nothing of this library.
   *
   * @param dialect the SQL that will be sent.
   * @throws UnusableTransactionError when it is of this library, but can never be a transaction.
   */
  adapt(candidate: object, dialect: SqlDialectName): AdaptedTransaction | undefined;
}
