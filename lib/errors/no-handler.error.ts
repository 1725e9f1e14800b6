import { MessengerError } from './messenger.error.js';

/** Nobody handles the message on this bus, and the bus does not allow that. */
export class NoHandlerError extends MessengerError {
  readonly code = 'MESSENGER_NO_HANDLER';

  constructor(
    readonly messageName: string,
    readonly busName: string,
    readonly transportName?: string,
  ) {
    super(
      `No handler for message "${messageName}" on bus "${busName}"` +
        (transportName === undefined ? '' : ` when received from transport "${transportName}"`) +
        `. Decorate one with @MessageHandler(${messageName}), route the message to a transport, or set "allowNoHandlers" on the bus.`,
    );
  }
}
