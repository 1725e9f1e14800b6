import { MessengerError } from './messenger.error.js';

/** A command line that cannot be carried out as it was written. The process ends with exit code 2. */
export class InvalidUsageError extends MessengerError {
  readonly code = 'MESSENGER_INVALID_USAGE';

  /**
   * @param problem what is wrong and what to write instead, as whole sentences.
   * @param known the values that would have been accepted, if they can be listed.
   */
  constructor(
    problem: string,
    readonly known: readonly string[] = [],
  ) {
    super(problem);
  }
}
