/**
 * What PostgreSQL should answer to the COMMIT of a transaction in which a statement had failed: it rolls back, and answers as if
 * that had been asked. In the form of its own errors.
 */
export class NotCommittedError extends Error {
  override readonly name = 'NotCommittedError';
  readonly code = '25P02';
  readonly severity = 'ERROR';

  constructor() {
    super('COMMIT of an aborted transaction was a ROLLBACK');
  }
}
