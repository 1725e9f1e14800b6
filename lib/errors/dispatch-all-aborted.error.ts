import { MessengerError } from './messenger.error.js';

/** A message of `dispatchAll` was not sent, because another one of the same call failed before anything was sent. */
export class DispatchAllAbortedError extends MessengerError {
  readonly code = 'MESSENGER_DISPATCH_ALL_ABORTED';

  constructor(cause: unknown) {
    super(
      'The message was not sent: another message of the same dispatchAll() failed first. See the cause.',
      { cause },
    );
  }
}
