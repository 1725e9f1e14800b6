import { isUtf8 } from 'node:buffer';
import { createHash, randomUUID } from 'node:crypto';
import type { Envelope } from '../../envelope/envelope.js';
import { MessageEncodingFailedError } from '../../errors/message-encoding-failed.error.js';
import type { EncodedEnvelope } from '../../message/encoded-envelope.js';
import { classOf } from '../../message/message-class.js';
import { messageNameOf } from '../../message/message-metadata.js';
import { SIGNATURE_HEADER } from '../../serializer/header-names.js';
import { DelayStamp } from '../../stamp/delay.stamp.js';
import { MessageIdStamp } from '../../stamp/message-id.stamp.js';
import { RedeliveryStamp } from '../../stamp/redelivery.stamp.js';
import type { AmqpMessage, AmqpMessageProperties, AmqpProperties } from './amqp.driver.js';
import {
  addEncodedHeaders,
  carriedHeaders,
  CONTENT_TYPE,
  problemOfHeaders,
  readableHeaders,
} from './amqp.headers.js';
import { idOf } from './amqp.message-id.js';
import type { ResolvedAmqpOptions } from './amqp.options.js';
import { AmqpPriorityStamp, AmqpReceivedStamp, AmqpStamp } from './amqp.stamps.js';
import type { AmqpTarget } from './amqp.topology.js';

/** A message as it is to be published. */
export interface AmqpOutgoing {
  readonly target: AmqpTarget;
  /** Milliseconds until it is due. */
  readonly delay: number;
  readonly body: Buffer;
  readonly properties: AmqpProperties;
  /** Whether it must reach a queue. */
  readonly mandatory: boolean;
  /** Its id in the transport: the property `message_id`. */
  readonly id: string;
}

const PERSISTENT = 2;

const MAX_SHORT_TEXT_BYTES = 255;

/** The largest frame of amqplib and of RabbitMQ, unless they are told otherwise. In bytes. */
const DEFAULT_FRAME_MAX = 131_072;

/** The frame around the properties, without texts and headers, in bytes. */
const FRAME_OVERHEAD = 64;

/**
 * What a copy keeps of the properties it was received with, if they were set. Not `expiration`, by which it could vanish from
 * a failure transport; not `userId`, which must be the user who publishes.
 */
const CARRIED_TEXTS = ['contentEncoding', 'correlationId', 'replyTo', 'messageId', 'type', 'appId'] as const;
const CARRIED_NUMBERS = ['timestamp', 'priority'] as const;

/**
 * A message with what AMQP is to know of it, in this order of precedence: `AmqpPriorityStamp`, `AmqpStamp`, what it was
 * received with.
 *
 * A retry, that is a message with both a `RedeliveryStamp` and the `AmqpReceivedStamp` of its original, goes to the queue it
 * came from, if that is one of the transport and no `AmqpStamp` names a routing key.
 *
 * @param now milliseconds since 1970, for the property `timestamp`. @default the time of this process
 * @throws MessageEncodingFailedError when the headers do not fit into a frame.
 */
export function publicationOf(
  encoded: EncodedEnvelope,
  envelope: Envelope,
  options: ResolvedAmqpOptions,
  now: number = Date.now(),
): AmqpOutgoing {
  const received = envelope.last(AmqpReceivedStamp);
  const stamp = envelope.last(AmqpStamp);
  const delay = envelope.last(DelayStamp)?.delay ?? 0;
  const target = targetOf(envelope, options, received, stamp);
  const properties: Record<string, unknown> = { deliveryMode: PERSISTENT, timestamp: Math.floor(now / 1000) };
  carryInto(properties, received?.properties);
  const messageId = envelope.last(MessageIdStamp)?.id;
  if (messageId !== undefined) {
    properties['messageId'] = shortId(messageId);
  }
  const contentType = encoded.headers[CONTENT_TYPE];
  if (contentType !== undefined) {
    properties['contentType'] = contentType;
  }
  const headers = headersOf(received, stamp);
  if (stamp !== undefined) {
    const { headers: _, expiration, ...attributes } = stamp.attributes;
    Object.assign(properties, attributes);
    if (contentType !== undefined && Object.hasOwn(encoded.headers, SIGNATURE_HEADER)) {
      // Another one than was signed would make the message a forged one.
      properties['contentType'] = contentType;
    }
    if (expiration !== undefined && delay === 0) {
      properties['expiration'] = String(expiration);
    }
  }
  const priority = envelope.last(AmqpPriorityStamp)?.priority;
  if (priority !== undefined) {
    properties['priority'] = priority;
  }
  // Of a foreign message without an id, all copies have the one under which it was shown.
  const id = (properties['messageId'] ||=
    received === undefined ? randomUUID() : idOf(received.delivery.message)) as string;
  addEncodedHeaders(headers, encoded.headers);
  properties['headers'] = headers;
  assertSendable(envelope, properties, headers, options);
  return {
    target,
    delay,
    body: bytesOf(encoded.body),
    properties,
    mandatory: isMandatory(options, target, delay, stamp),
    id,
  };
}

/**
 * What a serializer reads of a message that was received. Never throws. Headers that are no texts are written as such, tables
 * and lists as JSON; those that the broker added, such as `x-death`, are left out.
 */
export function encodedOf({ content, properties }: AmqpMessage): EncodedEnvelope {
  return {
    body: isUtf8(content) ? content.toString('utf8') : content,
    headers: readableHeaders(properties.headers, properties.contentType),
  };
}

/**
 * Which delivery of the message this is, from 1. Quorum queues count; a classic queue only tells that there was one before,
 * so it is never more than 2 there.
 */
export function deliveryCountOf({ fields, properties }: AmqpMessage): number {
  if (!fields.redelivered) {
    // Also if there is a count: of another queue, from which the message was moved here.
    return 1;
  }
  const before = properties.headers?.['x-delivery-count'];
  return typeof before === 'number' && before > 1 ? Math.floor(before) + 1 : 2;
}

/** What a message carries of headers before the serializer's are added. */
function headersOf(
  received: AmqpReceivedStamp | undefined,
  stamp: AmqpStamp | undefined,
): Record<string, unknown> {
  return { ...(received && carriedHeaders(received.properties.headers)), ...stamp?.attributes.headers };
}

function targetOf(
  envelope: Envelope,
  options: ResolvedAmqpOptions,
  received: AmqpReceivedStamp | undefined,
  stamp: AmqpStamp | undefined,
): AmqpTarget {
  const { exchange, queues } = options;
  if (stamp?.routingKey !== undefined) {
    return { kind: 'exchange', routingKey: stamp.routingKey };
  }
  if (received !== undefined && envelope.has(RedeliveryStamp) && queues.has(received.queueName)) {
    return { kind: 'queue', queue: received.queueName };
  }
  if (exchange.defaultPublishRoutingKey !== undefined) {
    return { kind: 'exchange', routingKey: exchange.defaultPublishRoutingKey };
  }
  const [queue] = queues.keys();
  // The default exchange routes by the name of a queue, so there is but one key that makes sense.
  return exchange.name === '' && queue !== undefined && queues.size === 1
    ? { kind: 'queue', queue }
    : { kind: 'exchange', routingKey: '' };
}

function isMandatory(
  { queues, delay: { strategy } }: ResolvedAmqpOptions,
  target: AmqpTarget,
  delay: number,
  stamp: AmqpStamp | undefined,
): boolean {
  // The plugin takes a message out of the exchange until it is due, and the broker says that it reached no queue.
  if (delay > 0 && strategy === 'plugin') {
    return false;
  }
  return stamp?.flags.mandatory ?? (target.kind === 'queue' || queues.size > 0);
}

function carryInto(properties: Record<string, unknown>, received: AmqpMessageProperties | undefined): void {
  if (received === undefined) {
    return;
  }
  for (const name of CARRIED_TEXTS) {
    if (typeof received[name] === 'string') {
      properties[name] = received[name];
    }
  }
  for (const name of CARRIED_NUMBERS) {
    if (typeof received[name] === 'number') {
      properties[name] = received[name];
    }
  }
}

function assertSendable(
  envelope: Envelope,
  properties: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, unknown>>,
  { endpoint }: ResolvedAmqpOptions,
): void {
  let room = (endpoint.frameMax || DEFAULT_FRAME_MAX) - FRAME_OVERHEAD;
  let problem: string | undefined;
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'string') {
      const size = Buffer.byteLength(value);
      room -= size;
      if (size > MAX_SHORT_TEXT_BYTES) {
        problem = `its property "${name}" has ${size} bytes, and AMQP allows ${MAX_SHORT_TEXT_BYTES}.`;
      }
    }
  }
  problem ??= problemOfHeaders(headers, room);
  if (problem !== undefined) {
    throw new MessageEncodingFailedError(messageNameOf(classOf(envelope.message)), problem);
  }
}

/** An id that AMQP can hold, and that is always the same for the same id. */
function shortId(id: string): string {
  return Buffer.byteLength(id) > MAX_SHORT_TEXT_BYTES ? createHash('sha256').update(id).digest('hex') : id;
}

function bytesOf(body: string | Uint8Array): Buffer {
  if (typeof body === 'string') {
    return Buffer.from(body);
  }
  return Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
