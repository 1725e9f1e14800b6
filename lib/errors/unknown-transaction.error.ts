import { MessengerError } from './messenger.error.js';

/** An object was given as a transaction that is none this package knows. */
export class UnknownTransactionError extends MessengerError {
  readonly code = 'MESSENGER_UNKNOWN_TRANSACTION';

  /** @param known the kinds of transaction that are known. */
  constructor(
    readonly given: string,
    readonly known: readonly string[],
  ) {
    super(
      `A "${given}" is no transaction that is known here. Known are: ${known.join(', ')}. For another driver, give an object ` +
        'with query(sql, params) that answers { rows, affected }.',
    );
  }
}
