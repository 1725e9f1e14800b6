import { MessengerError } from './messenger.error.js';

/** Thrown by a handler when trying again cannot help: the message goes to the failure transport at once. Made to be extended. */
export class UnrecoverableError extends MessengerError {
  readonly code: string = 'MESSENGER_UNRECOVERABLE';
}
