import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, systemClock } from '../../envelope/clock.js';
import { TransportError } from '../../errors/transport.error.js';
import { companionNameOf } from './amqp.companion-name.js';
import type { AmqpChannel, AmqpConfirmChannel, AmqpMessage } from './amqp.driver.js';
import { onOwnChannel } from './amqp.look.js';
import { closeQuietly, lookAlone } from './amqp.look-lease.js';
import type { ResolvedAmqpOptions } from './amqp.options.js';
import type { AmqpSession } from './amqp.session.js';

/** How long the first question for a signal waits for the broker, in milliseconds. Workers ask between messages. */
const FIRST_ANSWER_MS = 1000;

/** How long after a failure the next try to listen is made, in milliseconds. */
const RETRY_MS = 1000;

/** Keeps the last signal of its name only. */
const KEEPING = { 'x-queue-type': 'classic', 'x-max-length': 1 };

/** The channel on which signals are heard, and their names. */
interface Ear {
  readonly channel: AmqpChannel;
  readonly queue: string;
  readonly names: Set<string>;
}

/**
 * Small signals for every process: messages with the time of their writer in epoch milliseconds, their name as routing key.
 *
 * They go to the exchange `<exchange>.signals`, and from there to each process that has asked for one of that name, which
 * hears it at once, and to the queue `<exchange>.signals.<name>`, which keeps the last for those that begin to ask later. All
 * of it is declared when it is used, whatever `auto_setup` says.
 */
export class AmqpSignals {
  readonly #session: AmqpSession;
  readonly #exchange: string;
  readonly #limits: { readonly confirm: number; readonly blocked: number };
  readonly #clock: Clock;
  readonly #times = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  /** The names that somebody has asked for, and got an answer. */
  readonly #asked = new Set<string>();
  readonly #attempts = new Map<string, Promise<void>>();
  #ear: Promise<Ear> | undefined;
  #heardBy: Ear | undefined;
  #failure: { readonly error: unknown; readonly at: number } | undefined;
  #isClosed = false;

  constructor(session: AmqpSession, options: ResolvedAmqpOptions, clock: Clock = systemClock) {
    this.#session = session;
    this.#exchange = companionNameOf(options.exchange.name || 'messenger', '.signals');
    this.#limits = { confirm: options.confirmTimeout, blocked: options.blockedTimeout };
    this.#clock = clock;
  }

  /** Gives a signal now. Resolves when the broker has confirmed it. */
  async write(name: string): Promise<void> {
    try {
      await this.#session.connection.unblocked(this.#limits.blocked);
      const channel = await this.#session.confirmChannel();
      try {
        await this.#declare(channel, name);
        const time = this.#clock.now();
        await this.#publish(channel, name, time);
        this.#remember(name, time);
      } finally {
        await closeQuietly(channel);
      }
    } catch (error) {
      throw this.#session.errorOf(error);
    }
  }

  /**
   * When the signal was last given, in epoch milliseconds. The first question for a name listens to it, and waits for that, but
   * no longer than a second; later ones are answered from memory. After the connection was lost, they listen anew.
   *
   * @throws TransportError when the broker cannot be asked, and never was.
   */
  async read(name: string): Promise<number | undefined> {
    if (this.#heardBy?.names.has(name) !== true && !this.#isClosed) {
      const attempt = this.#listen(name);
      await (this.#asked.has(name) ? undefined : this.#firstAnswer(name, attempt));
    }
    return this.#times.get(name);
  }

  /** Calls the listener when a signal was given. Returns how to stop listening. */
  onSignal(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Does not wait for a broker that does not answer. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await (this.#heardBy === undefined ? undefined : closeQuietly(this.#heardBy.channel));
  }

  async #firstAnswer(name: string, attempt: Promise<void>): Promise<void> {
    const answered = new AbortController();
    try {
      await Promise.race([attempt, sleep(FIRST_ANSWER_MS, undefined, { signal: answered.signal })]);
      this.#asked.add(name);
    } finally {
      answered.abort();
    }
  }

  /** Many may ask at the same time. The promise that it returns need not be heard. */
  #listen(name: string): Promise<void> {
    const running = this.#attempts.get(name);
    if (running !== undefined) {
      return running;
    }
    const attempt = this.#tryToListen(name).finally(() => this.#attempts.delete(name));
    attempt.catch(() => undefined);
    this.#attempts.set(name, attempt);
    return attempt;
  }

  async #tryToListen(name: string): Promise<void> {
    if (this.#failure !== undefined && performance.now() - this.#failure.at < RETRY_MS) {
      throw this.#failure.error;
    }
    try {
      this.#ear ??= this.#open();
      const opening = this.#ear;
      const ear = await opening;
      await this.#declare(ear.channel, name);
      await ear.channel.bindQueue(ear.queue, this.#exchange, name);
      // Whatever is given from now on is heard; so nothing is missed between the two.
      await this.#readKept(name);
      if (this.#ear === opening) {
        ear.names.add(name);
        this.#heardBy = ear;
        this.#failure = undefined;
      }
    } catch (error) {
      this.#failure = { error: this.#session.errorOf(error), at: performance.now() };
      throw this.#failure.error;
    }
  }

  #open(): Promise<Ear> {
    const opening: Promise<Ear> = this.#opened(() => {
      if (this.#ear === opening) {
        this.#ear = undefined;
        this.#heardBy = undefined;
      }
    });
    return opening;
  }

  /** @param forget called when it can no longer hear. */
  async #opened(forget: () => void): Promise<Ear> {
    try {
      const channel = await this.#session.channel();
      channel.on('close', forget);
      if (this.#isClosed) {
        await closeQuietly(channel);
      }
      const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true, durable: false });
      await channel.consume(
        queue,
        // `null`: somebody has deleted the queue.
        (message) => (message === null ? void closeQuietly(channel) : this.#hear(message)),
        { noAck: true, exclusive: true },
      );
      return { channel, queue, names: new Set() };
    } catch (error) {
      forget();
      throw error;
    }
  }

  async #declare(channel: AmqpChannel, name: string): Promise<void> {
    const queue = this.#keeperOf(name);
    await channel.assertExchange(this.#exchange, 'direct', { durable: true });
    await channel.assertQueue(queue, { durable: true, arguments: KEEPING });
    await channel.bindQueue(queue, this.#exchange, name);
  }

  #publish(channel: AmqpConfirmChannel, name: string, time: number): Promise<void> {
    const { confirm } = this.#limits;
    const { transportName, connection } = this.#session;
    return new Promise((resolve, reject) => {
      channel.publish(this.#exchange, name, Buffer.from(String(time)), { persistent: true }, (error) => {
        clearTimeout(timer);
        if (error === null) {
          resolve();
        } else {
          reject(error);
        }
      });
      const giveUp = (): void =>
        reject(
          new TransportError(
            transportName,
            `${connection.server} has not confirmed the signal "${name}" within ${confirm} ms ("confirm_timeout"). It may have arrived, ` +
              'and may be given again.',
          ),
        );
      const timer = setTimeout(giveUp, confirm);
    });
  }

  /** The kept signal stays: its queue is looked at by one process at a time, and it is handed back. */
  async #readKept(name: string): Promise<void> {
    const queue = this.#keeperOf(name);
    const kept = await lookAlone(this.#session, queue, () =>
      onOwnChannel(this.#session, (channel) => channel.get(queue)),
    );
    if (kept !== false) {
      this.#remember(name, timeOf(kept));
    }
  }

  #hear(message: AmqpMessage): void {
    this.#remember(message.fields.routingKey, timeOf(message));
    this.#listeners.forEach((listener) => listener());
  }

  /** They may arrive in another order than they were given in. */
  #remember(name: string, time: number): void {
    if (Number.isFinite(time)) {
      this.#times.set(name, Math.max(time, this.#times.get(name) ?? time));
    }
  }

  #keeperOf(name: string): string {
    return companionNameOf(this.#exchange, `.${name}`);
  }
}

function timeOf({ content }: AmqpMessage): number {
  return content.length === 0 ? Number.NaN : Number(content.toString());
}
