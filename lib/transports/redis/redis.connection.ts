import { createClient } from './redis.client.js';
import type { RedisClient, RedisDriver } from './redis.driver.js';
import { describeEndpoint, type RedisEndpoint } from './redis.endpoint.js';

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
  #isClosed = false;

  constructor({ driver, endpoint, name, onClosed }: RedisConnectionSetup) {
    this.endpoint = endpoint;
    this.server = describeEndpoint(endpoint);
    this.name = name;
    this.#driver = driver;
    this.#onClosed = onClosed;
  }

  get isCluster(): boolean {
    return this.endpoint.mode === 'cluster';
  }

  /** How many connections were lost so far. Replies may have been lost with them. */
  get losses(): number {
    return this.#losses;
  }

  /** Why the last try to connect failed. */
  get lastFailure(): unknown {
    return this.#lastFailure;
  }

  /** For commands that are answered at once. */
  get commands(): RedisClient {
    return (this.#commands ??= this.#open(false));
  }

  /** For reads that wait; one for each purpose. */
  blocking(purpose: string): RedisClient {
    let client = this.#blocking.get(purpose);
    if (client === undefined) {
      client = this.#open(true);
      this.#blocking.set(purpose, client);
    }
    return client;
  }

  /** Connects now rather than with the first command. Whoever sends one hears of a failure. */
  open(): void {
    this.commands.connect().catch(() => undefined);
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

  #open(blocks: boolean): RedisClient {
    const client = createClient(this.#driver, this.endpoint, { name: this.name, blocks });
    // Without a listener ioredis prints each of them. Whoever waits for a reply hears of it.
    client.on('error', (error) => (this.#lastFailure = error));
    client.on('ready', () => (this.#lastFailure = undefined));
    client.on('close', () => (this.#losses += 1));
    if (this.#isClosed) {
      client.disconnect();
    }
    return client;
  }
}
