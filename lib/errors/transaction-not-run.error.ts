import { MessengerError } from './messenger.error.js';

/** The `transaction` option of the module did not run the work it was given, or did not wait for it. */
export class TransactionNotRunError extends MessengerError {
  readonly code = 'MESSENGER_TRANSACTION_NOT_RUN';

  constructor(readonly handlerName: string) {
    super(
      `Handler "${handlerName}" was not run to its end: the option "transaction" of MessengerModule resolved before. Its "run" ` +
        'must call the function it is given with the transaction and wait for it: ' +
        '{ run: (work) => dataSource.transaction(work) }.',
    );
  }
}
