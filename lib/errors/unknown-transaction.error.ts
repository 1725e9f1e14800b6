import { MessengerError } from './messenger.error.js';

/** What was given as a transaction is of no library that the package knows. */
export class UnknownTransactionError extends MessengerError {
  readonly code = 'MESSENGER_UNKNOWN_TRANSACTION';

  constructor(
    /** What it is, e.g. `an instance of "Session"`. */
    readonly given: string,
    /** What may be passed, e.g. `a transaction of Kysely`. */
    readonly known: readonly string[],
  ) {
    super(
      `Unknown kind of transaction: ${given}. Pass one of these: ${known.join('; ')}. ` +
        'For another library, pass sqlConnection((sql, params) => …) of "nestjs-messenger/sql", which sends a statement in the ' +
        'transaction and answers { rows, affected }.',
    );
  }
}
