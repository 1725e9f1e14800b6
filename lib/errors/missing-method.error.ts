import { MessengerError } from './messenger.error.js';

/** A handler or a listener names a method that its class does not have. */
export class MissingMethodError extends MessengerError {
  readonly code = 'MESSENGER_MISSING_METHOD';

  /**
   * @param where whose method it is, e.g. `Handler "Stock.reserve"`.
   * @param reason completes `the class "Stock" …`.
   */
  constructor(
    readonly where: string,
    readonly className: string,
    readonly method: string,
    reason: string,
  ) {
    super(`${where}: the class "${className}" ${reason}.`);
  }
}
