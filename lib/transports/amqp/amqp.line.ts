import type { MessengerLogger } from '../../event/logger.js';
import { AmqpBackOff } from './amqp.back-off.js';
import type { AmqpChannel, AmqpDriver, AmqpModel } from './amqp.driver.js';
import { describeEndpoint, type AmqpEndpoint, type AmqpHost } from './amqp.endpoint.js';
import { AmqpBlockedError } from './amqp.blocked.error.js';
import { isRefusal } from './amqp.connection-errors.js';
import { AmqpLink } from './amqp.link.js';
import { AmqpWaiters } from './amqp.waiters.js';

/** How long a connection may take to be closed, in milliseconds. */
const CLOSE_MS = 2000;

export interface AmqpLineSetup {
  readonly driver: AmqpDriver;
  readonly endpoint: AmqpEndpoint;
  /** What the broker's list of connections calls it. */
  readonly name: string;
  readonly logger?: MessengerLogger;
  /** Called each time when it is connected. */
  readonly onOpened?: () => void;
}

/**
 * A connection that comes back by itself. It is opened when it is first needed. When it is lost, or cannot be opened, the hosts
 * are tried in turn, with a pause after the last of them, until one answers or the line is closed.
 *
 * Whoever needs it waits for it for at most `connectTimeout`, and not at all any more when every host was tried and the broker
 * refuses it: a wrong password does not become right by waiting. The tries go on even so, for whoever comes later.
 */
export class AmqpLine {
  readonly #setup: AmqpLineSetup;
  readonly #server: string;
  readonly #closing = new AbortController();
  readonly #backOff = new AmqpBackOff();
  readonly #connects = new AmqpWaiters<AmqpLink>();
  readonly #unblocks = new AmqpWaiters<void>();
  readonly #listeners = new Set<() => void>();
  #link: AmqpLink | undefined;
  #isConnecting = false;
  #host = 0;
  #epoch = 0;
  #blockedReason: string | undefined;
  #lastFailure: unknown;
  #pausing: AbortController | undefined;

  constructor(setup: AmqpLineSetup) {
    this.#setup = setup;
    this.#server = describeEndpoint(setup.endpoint);
  }

  /** How many times it was opened. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Why the broker takes no messages, while it does not. */
  get blockedReason(): string | undefined {
    return this.#blockedReason;
  }

  /** Why it was lost, or why the last try to open it failed; nothing while it is open. */
  get lastFailure(): unknown {
    return this.#lastFailure;
  }

  /** Opens a channel, on the next connection if one is lost meanwhile. Rejects after `connectTimeout` at the latest. */
  async open<T extends AmqpChannel>(make: (model: AmqpModel) => Promise<T>): Promise<T> {
    const deadline = performance.now() + this.#setup.endpoint.connectTimeout;
    for (;;) {
      const link = await this.#connected(deadline - performance.now());
      try {
        return await within(deadline - performance.now(), make(link.model));
      } catch (error) {
        if (isClosed(error)) {
          // The driver tells of a connection's end by an event, which nobody hears if it ended while it was handed over.
          this.#lost(link, error);
        }
        if (link === this.#link || performance.now() >= deadline) {
          throw error;
        }
      }
    }
  }

  /** Resolves when the broker takes messages. Rejects after so many milliseconds. */
  async unblocked(limit: number): Promise<void> {
    if (this.#blockedReason !== undefined) {
      await this.#unblocks.wait(limit, () => new AmqpBlockedError(this.#blockedReason, limit));
    }
  }

  /** Calls the listener whenever an open connection was lost. Returns how to stop that. */
  onLost(listener: () => void): () => void {
    // Wrapped: the same function may be given twice.
    const call = (): void => listener();
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  }

  /** The broker is there, as somebody else knows: the next try is not waited for. */
  tryNow(): void {
    this.#pausing?.abort();
  }

  /** Whoever still waits for it is rejected. */
  async close(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    const error = new Error('the connection was closed');
    this.#closing.abort(error);
    this.#connects.reject(error);
    this.#unblocks.reject(error);
    await link?.end(CLOSE_MS);
  }

  async #connected(limit: number): Promise<AmqpLink> {
    this.#closing.signal.throwIfAborted();
    if (this.#link !== undefined) {
      return this.#link;
    }
    this.#connect();
    return this.#connects.wait(
      Math.max(limit, 0),
      () => this.#lastFailure ?? new Error(`no answer within ${this.#setup.endpoint.connectTimeout} ms`),
    );
  }

  /** @param firstPause milliseconds before the first try. */
  #connect(firstPause: number = 0): void {
    if (!this.#isConnecting) {
      this.#isConnecting = true;
      void this.#tryUntilOpen(firstPause).finally(() => (this.#isConnecting = false));
    }
  }

  /** Never rejects. */
  async #tryUntilOpen(firstPause: number): Promise<void> {
    const { signal } = this.#closing;
    if (firstPause > 0) {
      await this.#pause(firstPause);
    }
    while (!signal.aborted) {
      const link = await this.#tryHosts();
      if (signal.aborted) {
        await link?.end(CLOSE_MS);
      } else if (link !== undefined) {
        return this.#opened(link);
      } else {
        if (isRefusal(this.#lastFailure)) {
          this.#connects.reject(this.#lastFailure);
        }
        await this.#pause(this.#backOff.next());
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    const pausing = new AbortController();
    this.#pausing = pausing;
    await pause(ms, AbortSignal.any([this.#closing.signal, pausing.signal]));
    this.#pausing = undefined;
  }

  /** One try with each host, beginning with the one that answered last. */
  async #tryHosts(): Promise<AmqpLink | undefined> {
    const { hosts } = this.#setup.endpoint;
    const turns = [...hosts.slice(this.#host), ...hosts.slice(0, this.#host)];
    const failures: unknown[] = [];
    for (const host of turns) {
      if (this.#closing.signal.aborted) {
        return undefined;
      }
      try {
        const link = await this.#try(host);
        this.#host = hosts.indexOf(host);
        return link;
      } catch (error) {
        failures.push(error);
      }
    }
    // That one of them refuses the user is more likely to help than that another is down.
    this.#lastFailure = failures.find(isRefusal) ?? failures.at(-1);
    return undefined;
  }

  #try(host: AmqpHost): Promise<AmqpLink> {
    const { driver, endpoint, name } = this.#setup;
    const limit = endpoint.connectTimeout / endpoint.hosts.length;
    return AmqpLink.open({ driver, endpoint, host, name, limit, signal: this.#closing.signal });
  }

  #opened(link: AmqpLink): void {
    this.#link = link;
    this.#epoch += 1;
    this.#lastFailure = undefined;
    link.model.on('blocked', (reason) => (this.#blockedReason = reason));
    link.model.on('unblocked', () => this.#unblocked());
    link.model.on('close', (reason) => this.#lost(link, reason));
    if (this.#epoch > 1) {
      this.#setup.logger?.log('info', `${this.#server} is connected again.`);
    }
    this.#connects.resolve(link);
    this.#setup.onOpened?.();
  }

  #lost(link: AmqpLink, reason: Error | undefined): void {
    this.#unblocked();
    if (link !== this.#link) {
      return;
    }
    this.#link = undefined;
    this.#lastFailure = reason ?? new Error('the connection was lost');
    this.#backOff.lost(performance.now() - link.openedAt);
    this.#setup.logger?.log('warn', `The connection to ${this.#server} was lost; connecting again.`, {
      error: this.#lastFailure,
    });
    // All clients of a broker that was restarted come at once, unless each takes its time.
    this.#connect(this.#backOff.next());
    [...this.#listeners].forEach((listener) => listener());
  }

  #unblocked(): void {
    this.#blockedReason = undefined;
    this.#unblocks.resolve();
  }
}

/** Whether the driver would not even ask the broker, since the connection is closed or being closed. */
function isClosed(error: unknown): error is Error {
  return error instanceof Error && error.name === 'IllegalOperationError';
}

/** A channel that comes too late is closed. */
function within<T extends AmqpChannel>(limit: number, opening: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => {
        reject(new Error(`no channel within ${Math.round(limit)} ms`));
        opening.then((channel) => channel.close()).catch(() => undefined);
      },
      Math.max(limit, 0),
    );
    opening.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Does not keep the process alive: whoever waits for the outcome does. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds).unref();
    signal.addEventListener('abort', done, { once: true });
  });
}
