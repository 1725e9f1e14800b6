import type {
  AmqpMessage,
  AmqpMessageFields,
  AmqpMessageProperties,
} from '../../../../lib/transports/amqp/amqp.driver.js';
import type { AmqpDelivery } from '../../../../lib/transports/amqp/amqp.stamps.js';

const NO_PROPERTIES: AmqpMessageProperties = {
  headers: undefined,
  contentType: undefined,
  contentEncoding: undefined,
  correlationId: undefined,
  replyTo: undefined,
  messageId: undefined,
  timestamp: undefined,
  type: undefined,
  appId: undefined,
  userId: undefined,
  priority: undefined,
  expiration: undefined,
  deliveryMode: undefined,
};

export interface MessageParts {
  readonly content?: string | Buffer;
  readonly fields?: Partial<AmqpMessageFields>;
  readonly properties?: Partial<AmqpMessageProperties>;
}

/** A message as the driver shows it: properties that it was sent without are `undefined`. */
export function amqpMessage({ content = '{}', fields, properties }: MessageParts = {}): AmqpMessage {
  return {
    content: Buffer.from(content as string),
    fields: { deliveryTag: 1, redelivered: false, exchange: 'orders', routingKey: '', ...fields },
    properties: { ...NO_PROPERTIES, headers: {}, ...properties },
  };
}

export function deliveryOf(message: AmqpMessage, queue: string = 'orders'): AmqpDelivery {
  return { tag: message.fields.deliveryTag, queue, channel: {}, message };
}
