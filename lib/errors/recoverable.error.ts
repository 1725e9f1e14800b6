import { MessengerError } from './messenger.error.js';

/**
 * Thrown by a handler when the message shall be tried again whatever the retry limit says, for example while a partner's
 * system is closed. Made to be extended.
 */
export class RecoverableError extends MessengerError {
  readonly code: string = 'MESSENGER_RECOVERABLE';
  /** Milliseconds until the next try; `undefined` leaves it to the retry strategy. */
  readonly retryDelay: number | undefined;

  constructor(message: string, options: ErrorOptions & { readonly retryDelay?: number } = {}) {
    super(message, options);
    this.retryDelay = options.retryDelay;
  }
}
