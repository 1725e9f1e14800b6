import { MessengerError } from './messenger.error.js';

/** A transport cannot serve as failure transport, or not of this one. */
export class InvalidFailureTransportError extends MessengerError {
  readonly code = 'MESSENGER_INVALID_FAILURE_TRANSPORT';

  constructor(
    readonly failureTransport: string,
    reason: string,
  ) {
    super(`Transport "${failureTransport}" cannot be a failure transport ${reason}.`);
  }
}
