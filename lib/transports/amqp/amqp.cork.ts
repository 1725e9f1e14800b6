/** A socket that can gather what is written to it. */
interface Corkable {
  cork(): void;
  uncork(): void;
}

/**
 * Lets what is published in one turn of the event loop leave with one system call; amqplib would make one for each message.
 *
 * The socket is no documented part of amqplib's channel. Where it cannot be found, messages leave as they are written.
 */
export class AmqpCork {
  readonly #socket: Corkable | undefined;
  #isHeld = false;

  constructor(channel: object) {
    const socket = (channel as { readonly connection?: { readonly stream?: Partial<Corkable> } }).connection
      ?.stream;
    this.#socket =
      typeof socket?.cork === 'function' && typeof socket.uncork === 'function'
        ? (socket as Corkable)
        : undefined;
  }

  /** To be called when something was published. */
  hold(): void {
    const socket = this.#socket;
    if (socket === undefined || this.#isHeld) {
      return;
    }
    this.#isHeld = true;
    socket.cork();
    // amqplib hands it to the socket in an immediate that it asks for in the next tick. This one is asked for after that.
    process.nextTick(() => {
      setImmediate(() => {
        this.#isHeld = false;
        socket.uncork();
      });
    });
  }
}
