import { MessengerError } from './messenger.error.js';

/** A transport could not do what was asked of it. The driver's error is the `cause`. */
export class TransportError extends MessengerError {
  readonly code: string = 'MESSENGER_TRANSPORT';

  constructor(
    readonly transportName: string,
    what: string,
    options?: ErrorOptions,
  ) {
    super(`Transport "${transportName}": ${what}`, options);
  }
}
