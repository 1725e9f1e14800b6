import { MessengerError } from './messenger.error.js';

/** A message in a failure transport was to be sent back, and does not say on which transport it failed. */
export class UnknownOriginError extends MessengerError {
  readonly code = 'MESSENGER_UNKNOWN_ORIGIN';

  constructor(
    readonly transportName: string,
    readonly id: string,
  ) {
    super(
      `Message "${id}" of transport "${transportName}" does not say on which transport it failed, so it cannot be sent ` +
        'back there. Retry it where it is: without "--redispatch".',
    );
  }
}
