import type { MessengerLogger } from '../../event/logger.js';
import type { AmqpChannel, AmqpConfirmChannel, AmqpDriver } from './amqp.driver.js';
import { describeEndpoint, type AmqpEndpoint } from './amqp.endpoint.js';
import { AmqpLine } from './amqp.line.js';
import { limitReplies } from './amqp.reply-limit.js';

/** What an {@link AmqpConnection} is made of. */
export interface AmqpConnectionSetup {
  readonly driver: AmqpDriver;
  readonly endpoint: AmqpEndpoint;
  /** What the broker's list of connections calls this process, unless the endpoint has a name for it. */
  readonly name: string;
  readonly logger?: MessengerLogger | undefined;
  /** Called when the last transport has left. */
  readonly onClosed: () => void;
}

/**
 * One broker as one process uses it, shared by all its transports there. It comes back by itself; its channels do not: whoever
 * needs one asks for a new one.
 *
 * Underneath are two connections, each opened when it is first needed. A broker that is low on memory or disk reads nothing more
 * from a connection that publishes, acknowledgements included. On a connection of their own they still reach it, so that
 * workers can make room.
 */
export class AmqpConnection {
  readonly endpoint: AmqpEndpoint;
  /** Where, without secrets. */
  readonly server: string;
  readonly name: string;
  readonly #onClosed: () => void;
  readonly #members = new Set<object>();
  readonly #main: AmqpLine;
  readonly #publishing: AmqpLine;

  constructor({ driver, endpoint, name, logger, onClosed }: AmqpConnectionSetup) {
    this.endpoint = endpoint;
    this.server = describeEndpoint(endpoint);
    this.name = endpoint.connectionName ?? name;
    this.#onClosed = onClosed;
    const line = { driver, endpoint, ...(logger && { logger }) };
    // When one of them has found the broker again, the other need not go on pausing.
    this.#main = new AmqpLine({ ...line, name: this.name, onOpened: () => this.#publishing.tryNow() });
    this.#publishing = new AmqpLine({
      ...line,
      name: `${this.name} publishing`,
      onOpened: () => this.#main.tryNow(),
    });
  }

  /** How many times it was connected; 0 before the first. What was declared in another epoch may be gone. */
  get epoch(): number {
    return this.#main.epoch;
  }

  /** Why the broker takes no messages at present, such as `low on memory`. It says so only to those who publish. */
  get blockedReason(): string | undefined {
    return this.#publishing.blockedReason ?? this.#main.blockedReason;
  }

  /** Why it was lost, or why the last try to connect failed; nothing while it is connected. */
  get lastFailure(): unknown {
    return this.#main.lastFailure ?? this.#publishing.lastFailure;
  }

  /**
   * An open channel. Connects if need be, and waits for at most `connectTimeout`, or until the broker refuses the connection.
   * Rejects with the driver's error.
   */
  channel(): Promise<AmqpChannel> {
    return this.#main.open(async (model) => this.#prepared(await model.createChannel()));
  }

  /** Like {@link channel}; for messages that the broker shall confirm. */
  confirmChannel(): Promise<AmqpConfirmChannel> {
    return this.#publishing.open(async (model) => this.#prepared(await model.createConfirmChannel()));
  }

  /** Resolves when publishing is not blocked. Rejects after `limit` milliseconds. */
  unblocked(limit: number): Promise<void> {
    return this.#publishing.unblocked(limit);
  }

  /** Calls the listener when the connection of {@link channel} was lost. Returns how to stop listening. */
  onLost(listener: () => void): () => void {
    return this.#main.onLost(listener);
  }

  /** A transport begins to use it. */
  join(member: object): void {
    this.#members.add(member);
  }

  /** A transport ends using it. With the last one it is closed, which takes at most two seconds. */
  async leave(member: object): Promise<void> {
    if (this.#members.delete(member) && this.#members.size === 0) {
      this.#onClosed();
      await Promise.all([this.#main.close(), this.#publishing.close()]);
    }
  }
  #prepared<T extends AmqpChannel>(channel: T): T {
    // Without a listener, an error of a channel would end its whole connection. Whoever uses the channel hears of it.
    channel.on('error', () => undefined);
    const { rpcTimeout } = this.endpoint;
    return rpcTimeout === undefined ? channel : limitReplies(channel, rpcTimeout);
  }
}
