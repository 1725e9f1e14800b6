import { NonSendableStamp } from '../../envelope/stamp.js';
import { OriginStamp } from '../../stamp/origin.stamp.js';
import { InvalidStampError } from '../../errors/invalid-stamp.error.js';
import { quoted } from '../../errors/quoted.js';
import type { AmqpMessage, AmqpMessageProperties, AmqpProperties } from './amqp.driver.js';

/**
 * Properties of a message as AMQP has them. What is left out is left to the transport: `deliveryMode` 2, `timestamp` now,
 * `messageId` that of the `MessageIdStamp`, `contentType` and the stamps in `headers` as the serializer says.
 *
 * A signed message keeps the `contentType` of the serializer, which is part of what is signed.
 *
 * A delayed message has no `expiration`: RabbitMQ would end its delay by it.
 */
export type AmqpAttributes = Omit<AmqpProperties, 'mandatory' | 'persistent' | 'CC' | 'BCC'>;

/** How a message is published. */
export interface AmqpFlags {
  /**
   * Whether `dispatch` rejects if the message reaches no queue. Brokers refuse it for delays of the delayed-message plugin,
   * so it has no effect there.
   *
   * @default true if the transport has queues
   */
  readonly mandatory?: boolean;
}

/** AMQP writes short texts with their length in one byte. */
const MAX_SHORT_TEXT_BYTES = 255;

const MAX_PRIORITY = 255;

const TEXTS: readonly string[] = [
  'contentType',
  'contentEncoding',
  'correlationId',
  'replyTo',
  'messageId',
  'type',
  'appId',
  'userId',
];

const ATTRIBUTES: readonly string[] = [
  ...TEXTS,
  'headers',
  'deliveryMode',
  'priority',
  'expiration',
  'timestamp',
];

const FLAGS: readonly string[] = ['mandatory'];

/** Says where in RabbitMQ a message goes, and with which properties. It acts on one sending, and does not travel. */
export class AmqpStamp extends NonSendableStamp {
  /**
   * @param routingKey with which it is published to the exchange. @default the `default_publish_routing_key` of the transport
   * @throws InvalidStampError for what AMQP cannot represent.
   */
  constructor(
    readonly routingKey?: string,
    readonly flags: AmqpFlags = {},
    readonly attributes: AmqpAttributes = {},
  ) {
    super();
    assertShortText('AmqpStamp', 'routingKey', routingKey);
    assertKnown('flag', Object.keys(flags), FLAGS);
    assertKnown('attribute', Object.keys(attributes), ATTRIBUTES);
    assertAttributes(attributes);
  }
}

/** The priority of a message in queues with `x-max-priority`, and in quorum queues. It does not travel, but a retry keeps it. */
export class AmqpPriorityStamp extends NonSendableStamp {
  /**
   * @param priority an integer from 0 to 255; higher is sooner.
   * @throws InvalidStampError for anything else.
   */
  constructor(readonly priority: number) {
    super();
    assertPriority('AmqpPriorityStamp', priority);
  }
}

/** A message as the broker delivered it, and what is needed to settle it. */
export interface AmqpDelivery {
  /** Counts the deliveries of `channel`. */
  readonly tag: number;
  /** Where it was received from. */
  readonly queue: string;
  /** On which it must be settled: by identity. */
  readonly channel: object;
  readonly message: AmqpMessage;
}

/** The delivery by which a message was received from RabbitMQ. Added by the transport. */
export class AmqpReceivedStamp extends OriginStamp {
  constructor(readonly delivery: AmqpDelivery) {
    super();
  }

  /** The queue it was received from. */
  get queueName(): string {
    return this.delivery.queue;
  }

  /** Where it was published to; of a message that was delayed or retried, where it was then. Empty: the default exchange. */
  get exchange(): string {
    return this.delivery.message.fields.exchange;
  }

  get routingKey(): string {
    return this.delivery.message.fields.routingKey;
  }

  /** What it was published with, and the headers that the broker added, such as `x-death`. What it lacks is `undefined`. */
  get properties(): AmqpMessageProperties {
    return this.delivery.message.properties;
  }

  /** Whether the broker delivered it before, and did not see it settled. */
  get redelivered(): boolean {
    return this.delivery.message.fields.redelivered;
  }
}

function assertKnown(what: string, names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new InvalidStampError('AmqpStamp', `unknown ${what} "${unknown}"; known are ${quoted(known)}`);
  }
}

function assertAttributes(attributes: AmqpAttributes): void {
  for (const name of TEXTS) {
    assertShortText('AmqpStamp', name, attributes[name as keyof AmqpAttributes]);
  }
  const { priority, deliveryMode, timestamp, expiration, headers } = attributes;
  if (priority !== undefined) {
    assertPriority('AmqpStamp', priority);
  }
  if (deliveryMode !== undefined && deliveryMode !== 1 && deliveryMode !== 2) {
    throw invalid('"deliveryMode" must be 1 (in memory) or 2 (on disk)', deliveryMode);
  }
  if (timestamp !== undefined && !(Number.isSafeInteger(timestamp) && timestamp >= 0)) {
    throw invalid('"timestamp" must be in whole seconds since 1970', timestamp);
  }
  if (expiration !== undefined && !(/^\d+$/.test(String(expiration)) && Number(expiration) < 2 ** 32)) {
    throw invalid('"expiration" must be in whole milliseconds, 0 or more', expiration);
  }
  if (headers !== undefined && (typeof headers !== 'object' || headers === null || Array.isArray(headers))) {
    throw invalid('"headers" must be an object', headers);
  }
  const long = Object.keys(headers ?? {}).find((name) => Buffer.byteLength(name) > MAX_SHORT_TEXT_BYTES);
  if (long !== undefined) {
    throw invalid(`the name of a header may have ${MAX_SHORT_TEXT_BYTES} bytes`, long);
  }
}

function assertShortText(stampName: string, name: string, value: unknown): void {
  if (value !== undefined && (typeof value !== 'string' || Buffer.byteLength(value) > MAX_SHORT_TEXT_BYTES)) {
    throw new InvalidStampError(
      stampName,
      `"${name}" must be a text of at most ${MAX_SHORT_TEXT_BYTES} bytes, got ${shown(value)}`,
    );
  }
}

function assertPriority(stampName: string, priority: unknown): void {
  if (!Number.isInteger(priority) || (priority as number) < 0 || (priority as number) > MAX_PRIORITY) {
    throw new InvalidStampError(
      stampName,
      `the priority must be an integer from 0 to ${MAX_PRIORITY}, got ${shown(priority)}`,
    );
  }
}

function invalid(rule: string, value: unknown): InvalidStampError {
  return new InvalidStampError('AmqpStamp', `${rule}, got ${shown(value)}`);
}

function shown(value: unknown): string {
  if (typeof value === 'string') {
    return value.length > 40 ? `one of ${Buffer.byteLength(value)} bytes` : `"${value}"`;
  }
  return typeof value === 'number' ? String(value) : `a value of type "${typeof value}"`;
}
