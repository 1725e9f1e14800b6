import type { RollEntry, WorkerRoll } from '../../transport/capabilities.js';
import { companionNameOf } from './amqp.companion-name.js';
import type { AmqpChannel, AmqpConfirmChannel, AmqpMessage } from './amqp.driver.js';
import { handedBack, look, MOST_LOOKED_AT, onOwnChannel } from './amqp.look.js';
import { closeQuietly, lookAlone } from './amqp.look-lease.js';
import type { ResolvedAmqpOptions } from './amqp.options.js';
import type { AmqpSession } from './amqp.session.js';

/** The queue is removed when no worker has entered itself for so long, in milliseconds. */
const QUEUE_MS = 600_000;

/** What is put into the queue: what a worker says of itself, or, without details, that it has ended. */
interface RollMessage {
  readonly id: string;
  readonly details?: string;
  /** By the clock of the worker, in epoch milliseconds: RabbitMQ tells no time. */
  readonly at: number;
}

/**
 * The roll of the workers on one exchange: a queue `<exchange>.workers` of messages that expire.
 *
 * RabbitMQ keeps nothing but messages. So a worker sends what it says of itself, again and again, and nobody consumes that; it is
 * read by taking all of it and handing it back. Of several messages of one worker the last counts. Everything is declared when it is
 * used, whatever `auto_setup` says. A broker that is low on memory takes no entries.
 */
export class AmqpRoll implements WorkerRoll {
  readonly place: string;
  readonly #session: AmqpSession;
  readonly #queue: string;
  readonly #confirmTimeout: number;
  /** How long the entries of this process last, in milliseconds. */
  readonly #lasting = new Map<string, number>();
  #channel: Promise<AmqpConfirmChannel> | undefined;

  constructor(session: AmqpSession, options: Pick<ResolvedAmqpOptions, 'exchange' | 'confirmTimeout'>) {
    this.#session = session;
    this.#queue = companionNameOf(options.exchange.name || 'messenger', '.workers');
    this.#confirmTimeout = options.confirmTimeout;
    this.place = `${session.connection.server} ${this.#queue}`;
  }

  async enter(id: string, details: string, ttl: number): Promise<void> {
    this.#lasting.set(id, ttl);
    await this.#send({ id, details, at: Date.now() }, ttl);
  }

  async leave(id: string): Promise<void> {
    const ttl = this.#lasting.get(id);
    if (ttl !== undefined) {
      this.#lasting.delete(id);
      // It lasts as long as what was told before: messages expire at the head of a queue only.
      await this.#send({ id, at: Date.now() }, ttl);
    }
  }

  async entries(): Promise<readonly RollEntry[]> {
    try {
      const taken = await lookAlone(this.#session, this.#queue, () => this.#look());
      const now = Date.now();
      const last = new Map(taken.flatMap(rollMessageIn).map((message) => [message.id, message]));
      return [...last.values()].flatMap(({ id, details, at }) =>
        details === undefined ? [] : [{ id, details, age: Math.max(0, now - at) }],
      );
    } catch (error) {
      throw this.#session.errorOf(error);
    }
  }

  /** Never rejects. */
  async close(): Promise<void> {
    const channel = await this.#channel?.catch(() => undefined);
    await (channel && closeQuietly(channel));
  }

  async #look(): Promise<readonly AmqpMessage[]> {
    const { taken } = await onOwnChannel(this.#session, async (channel) => {
      await this.#declare(channel);
      return look(channel, this.#queue, MOST_LOOKED_AT);
    });
    await handedBack(this.#session, this.#queue, taken.length);
    return taken;
  }

  async #send(message: RollMessage, ttl: number): Promise<void> {
    try {
      await this.#session.connection.unblocked(0);
      const channel = await (this.#channel ??= this.#open());
      await this.#declare(channel);
      await this.#publish(channel, message, ttl);
    } catch (error) {
      throw this.#session.errorOf(error);
    }
  }

  #open(): Promise<AmqpConfirmChannel> {
    const opening: Promise<AmqpConfirmChannel> = this.#session.confirmChannel().then(
      (channel) => {
        channel.on('close', () => this.#forget(opening));
        return channel;
      },
      (error: unknown) => {
        this.#forget(opening);
        throw error;
      },
    );
    return opening;
  }

  #forget(channel: Promise<AmqpConfirmChannel>): void {
    this.#channel = this.#channel === channel ? undefined : this.#channel;
  }

  /** To declare it again makes it last. */
  async #declare(channel: AmqpChannel): Promise<void> {
    const args = { 'x-queue-type': 'classic', 'x-expires': QUEUE_MS, 'x-max-length': MOST_LOOKED_AT };
    await channel.assertQueue(this.#queue, { durable: true, arguments: args });
  }

  /** Not persistent: after a restart of the broker workers enter themselves anew. */
  #publish(channel: AmqpConfirmChannel, message: RollMessage, ttl: number): Promise<void> {
    const properties = { expiration: String(Math.ceil(ttl)), persistent: false };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no confirm within ${this.#confirmTimeout} ms`)),
        this.#confirmTimeout,
      );
      channel.publish('', this.#queue, Buffer.from(JSON.stringify(message)), properties, (error) => {
        clearTimeout(timer);
        if (error === null) {
          resolve();
        } else {
          reject(error);
        }
      });
    });
  }
}

/** Nothing for what somebody else has put there. */
function rollMessageIn({ content }: AmqpMessage): readonly RollMessage[] {
  try {
    const message = JSON.parse(content.toString()) as Partial<RollMessage> | null;
    return typeof message?.id === 'string' && typeof message.at === 'number' ? [message as RollMessage] : [];
  } catch {
    return [];
  }
}
