import { MessengerError } from './messenger.error.js';

/** A worker cannot tell of its health as it was asked to. The error of the system is the `cause`. */
export class HealthReportError extends MessengerError {
  readonly code = 'MESSENGER_HEALTH_REPORT';

  constructor(
    /** The option of the command line, without dashes. */
    readonly option: string,
    what: string,
    options?: ErrorOptions,
  ) {
    super(`Option "--${option}": ${what}`, options);
  }
}
