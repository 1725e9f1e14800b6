import { createClient, LONGEST_PAUSE_MS } from './redis.client.js';
import { isVague } from './redis.connection-errors.js';
import type { RedisClient, RedisDriver } from './redis.driver.js';
import { describeEndpoint, type RedisEndpoint } from './redis.endpoint.js';
import { RedisSilence } from './redis.silence.js';

/** The mark of a command that is written as soon as it is asked for. */
const SENT_AT_ONCE = -1;

/** What a {@link RedisConnection} is made of. */
export interface RedisConnectionSetup {
  readonly driver: RedisDriver;
  readonly endpoint: RedisEndpoint;
  /** What the server's list of clients calls this process; unlike any other. */
  readonly name: string;
  /** Called when the last transport has left. */
  readonly onClosed: () => void;
}

/**
 * One server as one process uses it, shared by all its transports there: a connection for commands, and further ones, asked
 * for by their purpose, for reads that wait.
 */
export class RedisConnection {
  readonly endpoint: RedisEndpoint;
  /** Where, without secrets. */
  readonly server: string;
  readonly name: string;
  readonly #driver: RedisDriver;
  readonly #onClosed: () => void;
  readonly #members = new Set<object>();
  readonly #blocking = new Map<string, RedisClient>();
  #commands: RedisClient | undefined;
  #lastFailure: unknown;
  #losses = 0;
  #timesReady = 0;
  #isClosed = false;
  readonly #silence: RedisSilence;

  constructor({ driver, endpoint, name, onClosed }: RedisConnectionSetup) {
    this.endpoint = endpoint;
    this.server = describeEndpoint(endpoint);
    this.name = name;
    this.#driver = driver;
    this.#onClosed = onClosed;
    this.#silence = new RedisSilence({
      limit: () => this.#patience,
      isOneServer: !this.isCluster,
      onSilent: (limit) => this.#fellSilent(limit),
    });
  }

  get isCluster(): boolean {
    return this.endpoint.mode === 'cluster';
  }

  /** How many connections were lost so far. Replies may have been lost with them. */
  get losses(): number {
    return this.#losses;
  }

  /** What {@link mayHaveSent} wants to know of the time before a command was asked for. */
  get sendingMark(): number {
    return this.#commands?.status === 'ready' ? SENT_AT_ONCE : this.#timesReady;
  }

  /** Whether a command that failed may have reached the server: there was a connection since its mark was taken. */
  mayHaveSent(mark: number): boolean {
    return mark === SENT_AT_ONCE || mark !== this.#timesReady;
  }

  /** Why the last try to connect failed. */
  get lastFailure(): unknown {
    return this.#lastFailure;
  }

  /**
   * Sends commands that are answered at once, and gives the connection up if nothing is.
   *
   * @param wait milliseconds for which they wait all the same.
   */
  ask<T>(send: (commands: RedisClient) => Promise<T>, wait: number = 0): Promise<T> {
    return this.#silence.until(send(this.#client), wait);
  }

  /** For reads that wait; one for each purpose. */
  blocking(purpose: string): RedisClient {
    let client = this.#blocking.get(purpose);
    if (client === undefined) {
      client = this.#open(true);
      this.#blocking.set(purpose, client);
    }
    return this.#alive(client);
  }

  /** Ends the connection of reads that have waited for so many milliseconds in vain. The next one gets a new one. */
  drop(purpose: string, limit: number): Error {
    const client = this.#blocking.get(purpose);
    this.#blocking.delete(purpose);
    return this.#dropped(client, limit);
  }

  /** Connects now rather than with the first command. Whoever sends one hears of a failure. */
  open(): void {
    this.#client.connect().catch(() => undefined);
  }

  /** A transport begins to use it. */
  join(member: object): void {
    this.#members.add(member);
  }

  /** A transport ends using it. With the last one, the connections are closed. */
  leave(member: object): void {
    if (this.#members.delete(member) && this.#members.size === 0) {
      this.#isClosed = true;
      this.#onClosed();
      [this.#commands, ...this.#blocking.values()].forEach((client) => client?.disconnect());
    }
  }

  get #client(): RedisClient {
    return this.#alive((this.#commands ??= this.#open(false)));
  }

  #open(blocks: boolean): RedisClient {
    const client = createClient(this.#driver, this.endpoint, { name: this.name, blocks });
    this.#listen(client);
    if (this.#isClosed) {
      client.disconnect();
    }
    return client;
  }

  #listen(client: RedisClient): void {
    let isRefused = false;
    // Without a listener ioredis prints each of them. Whoever waits for a reply hears of it.
    client.on('error', (error) => {
      this.#failed(error);
      isRefused = commandOf(error) === 'select';
      if (isRefused) {
        // ioredis would go on with the first database.
        client.disconnect(true);
      }
    });
    client.on('node error', (error) => this.#failed(error));
    client.on('connecting', () => (isRefused = false));
    client.on('ready', () => {
      this.#timesReady += 1;
      this.#lastFailure = isRefused ? this.#lastFailure : undefined;
    });
    client.on('close', () => (this.#losses += 1));
    client.on('-node', () => (this.#losses += 1));
  }

  /** Milliseconds. */
  get #patience(): number {
    const { mode, hosts, connectTimeout, commandTimeout } = this.endpoint;
    if (this.#commands?.status === 'ready') {
      // Each node of a cluster is connected to when it is needed.
      return this.isCluster ? connectTimeout + commandTimeout : commandTimeout;
    }
    // Nodes and Sentinels are asked one after the other, and then there is the master.
    const connections = mode === 'single' ? 1 : hosts.length + 1;
    return LONGEST_PAUSE_MS + connections * connectTimeout;
  }

  /** A node of a cluster that is silent is noticed by ioredis; the others are left alone. */
  #fellSilent(limit: number): Error {
    const client = this.#commands;
    if (client?.status === 'ready' && this.isCluster) {
      return new Error(`it has been silent for ${limit} ms`);
    }
    this.#commands = undefined;
    return this.#dropped(client, limit);
  }

  #dropped(client: RedisClient | undefined, limit: number): Error {
    const what =
      client?.status === 'ready'
        ? `it has been silent for ${limit} ms`
        : `it was not ready within ${limit} ms, as when it loads its data`;
    // What was sent may have been carried out, and its reply be lost.
    this.#losses += 1;
    client?.disconnect();
    return new Error(what, { cause: this.#lastFailure });
  }

  #failed(error: unknown): void {
    const { lastNodeError } = error as { lastNodeError?: unknown };
    if (!isVague(lastNodeError ?? error)) {
      this.#lastFailure = lastNodeError ?? error;
    }
  }

  /** A client of a cluster or of Sentinels that has given up tries anew. */
  #alive(client: RedisClient): RedisClient {
    if (client.status === 'end' && !this.#isClosed) {
      client.connect().catch(() => undefined);
    }
    return client;
  }
}

/** The command that a server has refused. */
function commandOf(error: unknown): unknown {
  return (error as { command?: { name?: unknown } }).command?.name;
}
