import type { AmqpChannel, AmqpMessage, AmqpProperties } from './amqp.driver.js';
import { addEncodedHeaders, carriedHeaders, readableHeaders } from './amqp.headers.js';
import { isHeld } from './amqp.losses.js';
import type { AmqpPublisher } from './amqp.publisher.js';
import type { AmqpDelivery } from './amqp.stamps.js';
import { AmqpSubscription } from './amqp.subscription.js';
import type { AmqpTopology } from './amqp.topology.js';
import type { AmqpVerdict } from './amqp.unsettled.js';

/** What an {@link AmqpSettlement} is made of. */
export interface AmqpSettlementSetup {
  readonly topology: Pick<AmqpTopology, 'delayed'>;
  readonly publisher: Pick<AmqpPublisher, 'publish'>;
  /** Gives messages back in their order; an `AmqpConsumer`. */
  readonly consumer: {
    release(subscription: AmqpSubscription, deliveries: readonly AmqpDelivery[]): Promise<readonly boolean[]>;
  };
}

/** What a copy keeps of the properties of a message, if they were set. */
const COPIED = [
  'contentType',
  'contentEncoding',
  'correlationId',
  'replyTo',
  'messageId',
  'timestamp',
  'type',
  'appId',
  'priority',
] as const;

/**
 * What becomes of received messages. Each method answers, for each delivery, whether it was still ours: not if its channel is
 * gone, since then the broker delivers the message again.
 *
 * AMQP has no answer to a settlement. `true` says that it was written to an open channel; if the connection breaks before it
 * arrives, the message is delivered again.
 */
export class AmqpSettlement {
  readonly #setup: AmqpSettlementSetup;
  /** Of messages that were fetched singly: their channels would be closed if one was settled again. */
  readonly #settled = new WeakSet<AmqpDelivery>();

  constructor(setup: AmqpSettlementSetup) {
    this.#setup = setup;
  }

  /** Has settled when it returns: its promise only serves those who need one. */
  acknowledge(deliveries: readonly AmqpDelivery[]): Promise<readonly boolean[]> {
    return Promise.resolve(this.#settle(deliveries, 'ack'));
  }

  /** The broker drops the messages, or moves them to the dead-letter exchange of their queue. */
  reject(deliveries: readonly AmqpDelivery[]): Promise<readonly boolean[]> {
    return Promise.resolve(this.#settle(deliveries, 'reject'));
  }

  /**
   * Gives messages back to their queues.
   *
   * @param delay milliseconds until they may be delivered again. Then each is replaced by a copy, for which this waits; but not
   * those that the broker delivers again anyway.
   * @throws TransportError when a copy could not be stored, and MaybeSentError when it may have been; nothing is settled then.
   */
  async release(deliveries: readonly AmqpDelivery[], delay: number = 0): Promise<readonly boolean[]> {
    if (delay > 0) {
      await this.#copy(deliveries.filter(isHeld), delay);
      return this.#settle(deliveries, 'ack');
    }
    const { consumer } = this.#setup;
    const answers = await Promise.all(
      channelsOf(deliveries).map(async (channel) => {
        const those = deliveriesOn(channel, deliveries);
        return channel instanceof AmqpSubscription
          ? consumer.release(channel, those)
          : this.#settleOn(channel, those, 'requeue');
      }),
    );
    return inOrderOf(deliveries, answers);
  }

  #settle(deliveries: readonly AmqpDelivery[], verdict: AmqpVerdict): readonly boolean[] {
    const channels = channelsOf(deliveries);
    const [only] = channels;
    if (only !== undefined && channels.length === 1) {
      return this.#settleOn(only, deliveries, verdict);
    }
    return inOrderOf(
      deliveries,
      channels.map((channel) => this.#settleOn(channel, deliveriesOn(channel, deliveries), verdict)),
    );
  }

  #settleOn(channel: object, deliveries: readonly AmqpDelivery[], verdict: AmqpVerdict): readonly boolean[] {
    return channel instanceof AmqpSubscription
      ? channel.settle(deliveries, verdict)
      : deliveries.map((delivery) => this.#settleSingle(channel as AmqpChannel, delivery, verdict));
  }

  #settleSingle(channel: AmqpChannel, delivery: AmqpDelivery, verdict: AmqpVerdict): boolean {
    if (this.#settled.has(delivery)) {
      return false;
    }
    this.#settled.add(delivery);
    try {
      if (verdict === 'ack') {
        channel.ack(delivery.message);
      } else {
        channel.nack(delivery.message, false, verdict === 'requeue');
      }
      return true;
    } catch {
      // The driver's way to say that the channel is closed.
      return false;
    }
  }

  async #copy(deliveries: readonly AmqpDelivery[], delay: number): Promise<void> {
    const { topology, publisher } = this.#setup;
    const publications = await Promise.all(
      deliveries.map(async ({ queue, message }) => {
        const address = await topology.delayed({ kind: 'queue', queue }, delay);
        // The delayed-message plugin keeps it in an exchange, so that it reaches no queue yet.
        const mandatory = address.headers === undefined;
        return { address, body: message.content, properties: copiedProperties(message), mandatory };
      }),
    );
    await publisher.publish(publications);
  }
}

/** The channels of deliveries; mostly there is one. */
function channelsOf(deliveries: readonly AmqpDelivery[]): readonly object[] {
  const channels: object[] = [];
  for (const { channel } of deliveries) {
    if (channel !== channels.at(-1) && !channels.includes(channel)) {
      channels.push(channel);
    }
  }
  return channels;
}

function deliveriesOn(channel: object, deliveries: readonly AmqpDelivery[]): readonly AmqpDelivery[] {
  return deliveries.filter((delivery) => delivery.channel === channel);
}

/** @param answers by channel, in the order of {@link channelsOf}. */
function inOrderOf(
  deliveries: readonly AmqpDelivery[],
  answers: ReadonlyArray<readonly boolean[]>,
): readonly boolean[] {
  const channels = channelsOf(deliveries);
  const next = channels.map(() => 0);
  return deliveries.map(({ channel }) => {
    const place = channels.indexOf(channel);
    const index = next[place] ?? 0;
    next[place] = index + 1;
    return answers[place]?.[index] ?? false;
  });
}

/** Those of the broker are left out: by its account of dead-lettering it drops messages that seem to go in circles. */
function copiedProperties({ properties }: AmqpMessage): AmqpProperties {
  const headers = carriedHeaders(properties.headers);
  addEncodedHeaders(headers, readableHeaders(properties.headers, undefined));
  const copied: Record<string, unknown> = { headers, deliveryMode: properties.deliveryMode ?? 2 };
  for (const name of COPIED) {
    if (properties[name] !== undefined) {
      copied[name] = properties[name];
    }
  }
  return copied;
}
