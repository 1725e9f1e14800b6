import { TransportError } from '../../errors/transport.error.js';
import type { AmqpChannel, AmqpConfirmChannel, AmqpMessage, AmqpProperties } from './amqp.driver.js';
import { addEncodedHeaders, carriedHeaders, readableHeaders } from './amqp.headers.js';
import { closeQuietly } from './amqp.look-lease.js';
import type { ResolvedAmqpOptions } from './amqp.options.js';
import type { AmqpSession } from './amqp.session.js';

/** That of a quorum queue that was declared without one, from RabbitMQ 4 on. */
const DEFAULT_DELIVERY_LIMIT = 20;

/** From which part of its deliveries on a message is renewed. The rest is for consumers whose process dies. */
const WORN = 0.75;

/** As they were received; `userId` is left out, which must be the user who publishes. */
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
  'expiration',
  'deliveryMode',
] as const;

/**
 * Keeps messages from being lost because somebody looked at them. A quorum queue counts what is handed back, and drops a message
 * that exceeds its delivery limit. One that comes near it is replaced by a copy, at the end of the queue, whose count begins
 * anew.
 */
export class AmqpRenewal {
  readonly #session: AmqpSession;
  readonly #options: ResolvedAmqpOptions;

  constructor(session: AmqpSession, options: ResolvedAmqpOptions) {
    this.#session = session;
    this.#options = options;
  }

  /**
   * Replaces those of the messages that were delivered too often. They were taken on `channel`, and are settled.
   *
   * @returns the others.
   * @throws TransportError when the broker does not confirm a copy; nothing is settled then.
   */
  async renew(
    channel: AmqpChannel,
    queue: string,
    messages: readonly AmqpMessage[],
  ): Promise<readonly AmqpMessage[]> {
    const limit = this.#limitOf(queue);
    const isWorn = (message: AmqpMessage): boolean => countOf(message) >= limit * WORN;
    const worn = messages.filter(isWorn);
    if (worn.length === 0) {
      return messages;
    }
    const publishing = await this.#session.confirmChannel();
    try {
      await Promise.all(worn.map((message) => this.#publish(publishing, queue, message)));
    } finally {
      await closeQuietly(publishing);
    }
    worn.forEach((message) => channel.ack(message));
    return messages.filter((message) => !isWorn(message));
  }

  /** A negative one means none, and a policy may set another, which cannot be known here. */
  #limitOf(queue: string): number {
    const limit = this.#options.queues.get(queue)?.arguments['x-delivery-limit'];
    if (typeof limit !== 'number') {
      return DEFAULT_DELIVERY_LIMIT;
    }
    return limit < 0 ? Number.POSITIVE_INFINITY : limit;
  }

  #publish(channel: AmqpConfirmChannel, queue: string, message: AmqpMessage): Promise<void> {
    const { confirmTimeout } = this.#options;
    const { transportName, connection } = this.#session;
    return new Promise((resolve, reject) => {
      channel.publish('', queue, message.content, propertiesOf(message), (error) => {
        clearTimeout(timer);
        if (error === null) {
          resolve();
        } else {
          reject(error);
        }
      });
      const timer = setTimeout(() => {
        const what = `${connection.server} has not confirmed a copy within ${confirmTimeout} ms ("confirm_timeout").`;
        reject(
          new TransportError(
            transportName,
            `looking further would exceed the delivery limit of messages in the queue "${queue}", and ${what}`,
          ),
        );
      }, confirmTimeout);
    });
  }
}

/** How often it was handed back. Classic queues do not count. */
function countOf({ fields, properties }: AmqpMessage): number {
  const count = properties.headers?.['x-delivery-count'];
  return fields.redelivered && typeof count === 'number' ? count : Number.NEGATIVE_INFINITY;
}

function propertiesOf({ properties }: AmqpMessage): AmqpProperties {
  const headers = carriedHeaders(properties.headers);
  addEncodedHeaders(headers, readableHeaders(properties.headers, undefined));
  const copied: Record<string, unknown> = { headers };
  for (const name of COPIED) {
    if (properties[name] !== undefined) {
      copied[name] = properties[name];
    }
  }
  return copied;
}
