import { MessengerError } from './messenger.error.js';

/** The reason with which a handler's signal is aborted when its message was given to another worker. */
export class LeaseLostError extends MessengerError {
  readonly code = 'MESSENGER_LEASE_LOST';

  constructor(readonly transportName: string) {
    super(
      `The lease on a message of transport "${transportName}" was lost: the process was blocked or paused for longer than ` +
        `the lease, or the transport was out of reach or closed the connection. Another worker may be handling the message by now.`,
    );
  }
}
