import type { Envelope } from '../envelope/envelope.js';

/**
 * Dispatches another message when it is handled: a way to run a message that is kept or scheduled somewhere through a
 * transport of its own. Needs no handler of yours.
 */
export class RedispatchMessage {
  constructor(
    /** An envelope brings its stamps along, but then it cannot be sent to a transport itself. */
    readonly message: object | Envelope,
    /** The transports it goes to; none means: by the routing. */
    readonly transportNames: readonly string[] = [],
  ) {}
}
