import { MessengerError } from './messenger.error.js';

/** A route names no transport. */
export class EmptyRouteError extends MessengerError {
  readonly code = 'MESSENGER_EMPTY_ROUTE';

  constructor(readonly messageName: string) {
    super(
      `The route of "${messageName}" leads to no transport. Name one, or remove the route to handle these messages ` +
        `where they are dispatched.`,
    );
  }
}
