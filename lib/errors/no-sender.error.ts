import { MessengerError } from './messenger.error.js';

/** The message is routed to no transport, and the bus does not allow that. */
export class NoSenderError extends MessengerError {
  readonly code = 'MESSENGER_NO_SENDER';

  constructor(
    readonly messageName: string,
    readonly busName: string,
  ) {
    super(
      `No transport for message "${messageName}" on bus "${busName}". Add a route, decorate the class with ` +
        `@AsMessage({ transport }), or set "allowNoSenders" on the bus.`,
    );
  }
}
