import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { freePort } from './free-port.js';
import type { Lifetime } from './lifetime.js';
import { ProxiedConnection } from './proxied-connection.js';

const ATTEMPTS = 5;

export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
}

/** Forwards TCP connections to a server, until it is told to misbehave. */
export class FaultProxy {
  readonly host = '127.0.0.1';
  readonly #target: ProxyTarget;
  readonly #connections = new Set<ProxiedConnection>();
  #listener: Server;
  #isBlackhole = false;
  #delayMs = 0;
  #truncatesAfter: number | undefined;
  #accepted = 0;

  private constructor(
    readonly port: number,
    listener: Server,
    target: ProxyTarget,
  ) {
    this.#target = target;
    this.#listener = listener;
    listener.on('connection', (socket) => this.#accept(socket));
  }

  static async start(target: ProxyTarget): Promise<FaultProxy> {
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort();
      try {
        return new FaultProxy(port, await listen(port), target);
      } catch (error) {
        if (attempt === ATTEMPTS) {
          throw error;
        }
      }
    }
  }

  /** How many connections the server has from here; in a black hole, those that their clients closed too. */
  get connections(): number {
    return this.#connections.size;
  }

  /** How many connections were accepted since the beginning. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Resets every connection, on both sides. New ones are served. */
  cut(): void {
    this.#connections.forEach((connection) => connection.reset());
  }

  /** From now on nothing gets through, in either direction, not even that a connection was closed. New ones are accepted. */
  blackhole(): void {
    this.#isBlackhole = true;
    this.#connections.forEach((connection) => connection.stall());
  }

  /** New connections are served again, and those that a black hole holds stay silent: as by a firewall that has forgotten them. */
  forget(): void {
    this.#isBlackhole = false;
  }

  /** Whatever comes from now on is held back for so long, in either direction and in its order. 0: not any more. */
  delay(ms: number): void {
    this.#delayMs = ms;
    this.#connections.forEach((connection) => connection.delay(ms));
  }

  /**
   * From now on each connection lets so many bytes of its client through, and is then reset on both sides, in the middle of
   * whatever it sends. New connections too, until {@link restore}.
   */
  truncate(afterBytes: number): void {
    this.#truncatesAfter = afterBytes;
    this.#connections.forEach((connection) => connection.truncate(afterBytes));
  }

  /** New connections are refused; those that are open stay. Together with `cut()` it is a server that died. */
  async refuse(): Promise<void> {
    if (this.#listener.listening) {
      // Its callback would wait for the connections to end.
      this.#listener.close();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Accepts connections again, lets through what a black hole held back, and delays and truncates nothing any more. */
  async restore(): Promise<void> {
    if (!this.#listener.listening) {
      this.#listener = await listen(this.port);
      this.#listener.on('connection', (socket) => this.#accept(socket));
    }
    this.#isBlackhole = false;
    this.#truncatesAfter = undefined;
    this.delay(0);
    this.#connections.forEach((connection) => {
      connection.truncate(Number.POSITIVE_INFINITY);
      connection.resume();
    });
  }

  async close(): Promise<void> {
    await this.refuse();
    this.cut();
  }

  #accept(client: Socket): void {
    this.#accepted += 1;
    const connection = new ProxiedConnection(client, this.#target, () =>
      this.#connections.delete(connection),
    );
    this.#connections.add(connection);
    connection.delay(this.#delayMs);
    if (this.#truncatesAfter !== undefined) {
      connection.truncate(this.#truncatesAfter);
    }
    if (!this.#isBlackhole) {
      connection.resume();
    }
  }
}

/** A proxy that is closed with the test, or with the `lifetime` that `perFile` gives. */
export async function startFaultProxy(
  target: ProxyTarget,
  lifetime: Lifetime = onTestFinished,
): Promise<FaultProxy> {
  const proxy = await FaultProxy.start(target);
  lifetime(() => proxy.close());
  return proxy;
}

async function listen(port: number): Promise<Server> {
  const listener = createServer({ pauseOnConnect: true });
  listener.listen(port, '127.0.0.1');
  await once(listener, 'listening');
  return listener;
}
