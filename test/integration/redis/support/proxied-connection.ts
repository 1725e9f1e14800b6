import { connect, type Socket } from 'node:net';

/**
 * A client's connection and the one to the server that belongs to it. It begins stalled.
 *
 * While it is stalled nothing is read, and an end that the system reports all the same is not passed on before `resume()`.
 */
export class ProxiedConnection {
  readonly #client: Socket;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #onEnd: () => void;
  #server: Socket | undefined;
  #isStalled = true;
  #hasServerFailed = false;
  #delayMs = 0;
  #left = Number.POSITIVE_INFINITY;

  constructor(client: Socket, target: { readonly host: string; readonly port: number }, onEnd: () => void) {
    this.#client = client;
    this.#target = target;
    this.#onEnd = onEnd;
    client.on('close', () => this.#pass());
    // An error is followed by 'close'.
    client.on('error', () => undefined);
  }

  stall(): void {
    this.#isStalled = true;
    this.#client.pause();
    this.#server?.pause();
  }

  resume(): void {
    this.#isStalled = false;
    const server = (this.#server ??= this.#connect());
    this.#pass();
    this.#client.resume();
    server.resume();
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#server?.resetAndDestroy();
    this.#onEnd();
  }

  /** Holds back what comes from now on for so long, in either direction and in its order. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Lets so many bytes of the client through to the server, and then resets both, in the middle of whatever it sends. */
  truncate(afterBytes: number): void {
    this.#left = afterBytes;
  }

  #connect(): Socket {
    const server = connect(this.#target);
    server.on('close', () => this.#pass());
    // Is followed by 'close', too.
    server.on('error', () => (this.#hasServerFailed = true));
    this.#forward(this.#client, server);
    this.#forward(server, this.#client);
    return server;
  }

  #forward(from: Socket, to: Socket): void {
    from.on('data', (chunk) => {
      const bytes = from === this.#client ? this.#cut(chunk) : chunk;
      // Timers of one duration fire in the order in which they were set.
      if (this.#delayMs > 0) {
        setTimeout(() => this.#write(bytes, from, to), this.#delayMs);
      } else {
        this.#write(bytes, from, to);
      }
    });
  }

  #write(bytes: Buffer, from: Socket, to: Socket): void {
    if (to.destroyed || to.writableEnded) {
      return;
    }
    const hasRoom = to.write(bytes, () => from === this.#client && this.#left <= 0 && this.reset());
    if (!hasRoom) {
      from.pause();
      to.once('drain', () => !this.#isStalled && from.resume());
    }
  }

  #cut(chunk: Buffer): Buffer {
    const bytes = chunk.subarray(0, this.#left);
    this.#left -= chunk.length;
    return bytes;
  }

  /** Ends one side after the other has ended. */
  #pass(): void {
    const { closed: clientClosed } = this.#client;
    const serverClosed = this.#server?.closed ?? false;
    if (this.#isStalled) {
      return;
    }
    if (clientClosed) {
      this.#server?.end();
    }
    if (this.#hasServerFailed) {
      this.#client.resetAndDestroy();
    } else if (serverClosed) {
      this.#client.end();
    }
    if (clientClosed && serverClosed) {
      this.#onEnd();
    }
  }
}
