import { AmqpBuffer } from './amqp.buffer.js';
import type { AmqpChannel, AmqpMessage } from './amqp.driver.js';
import type { AmqpDelivery } from './amqp.stamps.js';
import { AmqpUnsettled, type AmqpVerdict } from './amqp.unsettled.js';

/** Who hears of what happens to an {@link AmqpSubscription}. Must not throw: amqplib would close the channel. */
export interface AmqpSubscriptionListener {
  /** Called for each delivery that was added to the buffer. */
  readonly onArrival: () => void;
  /** The broker ended the consumption of a queue, mostly since it was deleted. */
  readonly onCancelled: (queue: string) => void;
  /**
   * Called once, when the channel is gone: by a fault, by the end of its connection, or because it was closed here.
   *
   * @param held how many messages were handed out and not settled.
   */
  readonly onClosed: (error: Error | undefined, held: number) => void;
}

/** How full the consumers of an {@link AmqpSubscription} are, as far as this process knows. In messages. */
export interface AmqpLoad {
  /** What each consumer may have unsettled; 0 if there is none. */
  readonly prefetch: number;
  /** How many more the broker may push to the fullest consumer. */
  readonly room: number;
  /** Unsettled ones of consumers that were replaced. */
  readonly older: number;
  /** Handed out and not settled. */
  readonly held: number;
  /** Not handed out. */
  readonly buffered: number;
  /** Whether any was settled since the present consumers began. */
  readonly isSettling: boolean;
}

/** One consumer of one queue, as the broker knows it. */
interface QueueConsumer {
  readonly queue: string;
  readonly tag: string;
  readonly prefetch: number;
  /** Delivered and not settled. */
  outstanding: number;
}

/** Keeps one shape, and knows which consumer it counts for. */
class PushedDelivery implements AmqpDelivery {
  constructor(
    readonly tag: number,
    readonly queue: string,
    readonly channel: AmqpSubscription,
    readonly message: AmqpMessage,
    readonly consumer: QueueConsumer,
  ) {}
}

/** How long a broker that does not answer may keep a channel from closing, in milliseconds. */
const CLOSING_MS = 2000;

/**
 * A channel on which queues are consumed, and what has arrived on it without being handed out.
 *
 * There is one consumer for each queue. To change how many messages the broker pushes ahead, new ones take the place of the
 * old ones on the same channel; so what arrived before can still be settled, and stays in order with what arrives after.
 */
export class AmqpSubscription {
  readonly #channel: AmqpChannel;
  readonly #newTag: () => string;
  readonly #listener: AmqpSubscriptionListener;
  readonly #unsettled: AmqpUnsettled;
  #consumers: readonly QueueConsumer[] = [];
  readonly #buffer = new AmqpBuffer<PushedDelivery>();
  #isOpen = true;
  #isRetired = false;
  #wasFull = false;
  #isDry = false;
  #isSettling = false;
  #error: Error | undefined;
  #closed: Promise<void> | undefined;

  /**
   * @param channel on which nothing else is consumed or fetched.
   * @param newTag names a consumer.
   */
  constructor(channel: AmqpChannel, newTag: () => string, listener: AmqpSubscriptionListener) {
    this.#channel = channel;
    this.#newTag = newTag;
    this.#listener = listener;
    this.#unsettled = new AmqpUnsettled(channel);
    channel.on('error', (error) => (this.#error = error));
    channel.on('close', () => this.#end());
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether the broker pushes messages. */
  get isConsuming(): boolean {
    return this.#consumers.length > 0;
  }

  /** How many messages wait to be handed out. */
  get buffered(): number {
    return this.#buffer.size;
  }

  /**
   * Whether an empty buffer means that the queues are empty. It is known from {@link probe} until a consumer had as much as the
   * broker may push: then there may be more, on its way since something was settled.
   */
  get isDry(): boolean {
    return this.#isDry;
  }

  /** Whether the broker may push nothing more before something was settled. */
  get isFull(): boolean {
    return this.#consumers.every(isFull);
  }

  get load(): AmqpLoad {
    const { buffered } = this;
    const outstanding = this.#consumers.reduce((sum, each) => sum + each.outstanding, 0);
    return {
      prefetch: this.#consumers[0]?.prefetch ?? 0,
      room: Math.min(...this.#consumers.map((each) => each.prefetch - each.outstanding)),
      older: this.#unsettled.count - outstanding,
      held: this.#unsettled.count - buffered,
      buffered,
      isSettling: this.#isSettling,
    };
  }

  /** Up to `max` messages that have arrived, oldest first. */
  take(max: number): readonly AmqpDelivery[] {
    return this.#buffer.take(max);
  }

  /**
   * Consumes these queues, with so many unsettled messages at most for each; in place of what was consumed before.
   * Rejects with the driver's error; the channel is lost then.
   */
  async consume(queues: readonly string[], prefetch: number): Promise<void> {
    const former = this.#consumers;
    await this.#channel.prefetch(prefetch);
    const consumers = queues.map((queue) => ({ queue, tag: this.#newTag(), prefetch, outstanding: 0 }));
    this.#consumers = consumers;
    this.#isDry = false;
    this.#wasFull = true;
    this.#isSettling = false;
    await Promise.all(consumers.map((each) => this.#begin(each)));
    // Only now: a queue may exist as long as it has a consumer.
    await Promise.all(former.map(({ tag }) => this.#channel.cancel(tag)));
  }

  /**
   * Finds out whether the queues are empty: whatever the broker had to push when this was called has arrived when it resolves.
   *
   * @returns how many messages were ready in the queues, and not on their way to anyone.
   */
  async probe(): Promise<number> {
    const consumers = this.#consumers;
    this.#wasFull = consumers.some(isFull);
    const states = await Promise.all(consumers.map(({ queue }) => this.#channel.checkQueue(queue)));
    // A channel answers this before it passes on what the queues have pushed meanwhile. The next answer comes after that.
    await this.#channel.prefetch(consumers[0]?.prefetch ?? 1);
    const ready = states.reduce((sum, { messageCount }) => sum + messageCount, 0);
    this.#isDry = ready === 0 && !this.#wasFull;
    return ready;
  }

  /** Settles messages of this channel. Answers for each whether it was still ours. */
  settle(deliveries: readonly AmqpDelivery[], verdict: AmqpVerdict): readonly boolean[] {
    const answers = this.#unsettled.settle(deliveries, verdict, countSettled);
    this.#isSettling = true;
    if (this.#isRetired) {
      this.#closeIfSettled();
    }
    return answers;
  }

  /**
   * Has the broker push nothing more, and gives back what was not handed out; and with it, so that it keeps its order, these
   * that were. Answers for each of them whether it was still ours. Rejects with the driver's error; the channel is lost then.
   */
  async pause(deliveries: readonly AmqpDelivery[] = []): Promise<readonly boolean[]> {
    const former = this.#consumers;
    this.#consumers = [];
    this.#isDry = false;
    await Promise.all(former.map(({ tag }) => this.#channel.cancel(tag)));
    const answers = this.settle([...deliveries, ...this.take(this.buffered)], 'requeue');
    return answers.slice(0, deliveries.length);
  }

  /** Gives back what was not handed out of other queues than these. */
  keepOnly(queues: readonly string[]): void {
    const others = this.#buffer.takeOthers(queues);
    if (others.length > 0) {
      this.settle(others, 'requeue');
    }
  }

  /** Is not used any more: closes with the last of the messages that were handed out. Never rejects. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    try {
      await this.pause();
    } catch {
      // The channel is gone.
    }
    this.#closeIfSettled();
  }

  /** Closes the channel; the broker takes back what was not settled. Never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#isOpen ? this.#close() : Promise.resolve();
    return this.#closed;
  }

  async #begin(consumer: QueueConsumer): Promise<void> {
    const { queue, tag } = consumer;
    await this.#channel.consume(
      queue,
      (message) => {
        if (message === null) {
          this.#cancelled(consumer);
        } else {
          this.#arrive(consumer, message);
        }
      },
      { consumerTag: tag },
    );
  }

  #arrive(consumer: QueueConsumer, message: AmqpMessage): void {
    const tag = message.fields.deliveryTag;
    this.#unsettled.add(tag);
    consumer.outstanding += 1;
    if (consumer.outstanding >= consumer.prefetch) {
      this.#isDry = false;
      this.#wasFull = true;
    }
    this.#buffer.push(new PushedDelivery(tag, consumer.queue, this, message, consumer));
    this.#listener.onArrival();
  }

  /** Not heard of if it was to end anyway. */
  #cancelled(consumer: QueueConsumer): void {
    if (this.#consumers.includes(consumer)) {
      this.#consumers = this.#consumers.filter((each) => each !== consumer);
      this.#isDry = false;
      this.#listener.onCancelled(consumer.queue);
    }
  }

  #closeIfSettled(): void {
    if (this.#unsettled.count === 0) {
      void this.close();
    }
  }

  async #close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSING_MS);
      timer.unref();
    });
    try {
      await Promise.race([this.#channel.close(), limit]);
    } catch {
      // It is closed already.
    } finally {
      clearTimeout(timer);
      this.#end();
    }
  }

  #end(): void {
    if (!this.#isOpen) {
      return;
    }
    this.#isOpen = false;
    const { held } = this.load;
    this.#consumers = [];
    this.#buffer.clear();
    this.#unsettled.end();
    this.#listener.onClosed(this.#error, held);
  }
}

function isFull({ outstanding, prefetch }: QueueConsumer): boolean {
  return outstanding >= prefetch;
}

function countSettled(delivery: AmqpDelivery): void {
  if (delivery instanceof PushedDelivery) {
    delivery.consumer.outstanding -= 1;
  }
}
