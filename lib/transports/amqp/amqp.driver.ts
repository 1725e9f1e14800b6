import type { ConnectionOptions } from 'node:tls';
import { MissingDriverError } from '../../errors/missing-driver.error.js';

/** A field table: headers of a message, arguments of a queue. */
export type AmqpTable = Readonly<Record<string, unknown>>;

/** What `basic.publish` is told besides where and what: properties of the message, and `mandatory`. */
export interface AmqpProperties {
  readonly headers?: AmqpTable;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly correlationId?: string;
  readonly replyTo?: string;
  readonly messageId?: string;
  /** Seconds since 1970. */
  readonly timestamp?: number;
  readonly type?: string;
  readonly appId?: string;
  readonly userId?: string;
  /** 0 to 255. */
  readonly priority?: number;
  /** Milliseconds after which the message is dropped or dead-lettered. */
  readonly expiration?: string | number;
  readonly persistent?: boolean;
  /** 1: in memory. 2: on disk. */
  readonly deliveryMode?: number;
  /** A message that reaches no queue comes back as `return`. */
  readonly mandatory?: boolean;
  readonly CC?: string | string[];
  readonly BCC?: string | string[];
}

/** How a message was delivered. */
export interface AmqpMessageFields {
  readonly deliveryTag: number;
  readonly redelivered: boolean;
  readonly exchange: string;
  readonly routingKey: string;
  /** Of messages that were pushed. */
  readonly consumerTag?: string;
  /** Of messages that were fetched: how many are left. */
  readonly messageCount?: number;
  /** Of messages that came back as unroutable. */
  readonly replyCode?: number;
  readonly replyText?: string;
}

/** The properties of a message that was received. Those it was sent without are `undefined`. */
export interface AmqpMessageProperties {
  readonly headers: AmqpTable | undefined;
  readonly contentType: unknown;
  readonly contentEncoding: unknown;
  readonly correlationId: unknown;
  readonly replyTo: unknown;
  readonly messageId: unknown;
  readonly timestamp: unknown;
  readonly type: unknown;
  readonly appId: unknown;
  readonly userId: unknown;
  readonly priority: unknown;
  readonly expiration: unknown;
  readonly deliveryMode: unknown;
  readonly clusterId?: unknown;
}

export interface AmqpMessage {
  readonly content: Buffer;
  readonly fields: AmqpMessageFields;
  readonly properties: AmqpMessageProperties;
}

/** How many messages wait in a queue, and how many consumers it has. */
export interface AmqpQueueState {
  readonly queue: string;
  readonly messageCount: number;
  readonly consumerCount: number;
}

/** The part of amqplib's channel that the transport uses. Errors of the broker have its reply code, such as 404, as `code`. */
export interface AmqpChannel {
  assertQueue(
    queue: string,
    options?: {
      readonly durable?: boolean;
      readonly exclusive?: boolean;
      readonly autoDelete?: boolean;
      readonly arguments?: AmqpTable;
    },
  ): Promise<AmqpQueueState>;
  checkQueue(queue: string): Promise<AmqpQueueState>;
  deleteQueue(
    queue: string,
    options?: { readonly ifUnused?: boolean; readonly ifEmpty?: boolean },
  ): Promise<{ readonly messageCount: number }>;
  purgeQueue(queue: string): Promise<{ readonly messageCount: number }>;
  bindQueue(queue: string, exchange: string, key: string, args?: AmqpTable): Promise<unknown>;
  unbindQueue(queue: string, exchange: string, key: string, args?: AmqpTable): Promise<unknown>;
  assertExchange(
    exchange: string,
    type: string,
    options?: {
      readonly durable?: boolean;
      readonly autoDelete?: boolean;
      readonly internal?: boolean;
      readonly arguments?: AmqpTable;
    },
  ): Promise<unknown>;
  checkExchange(exchange: string): Promise<unknown>;
  deleteExchange(exchange: string, options?: { readonly ifUnused?: boolean }): Promise<unknown>;
  bindExchange(destination: string, source: string, key: string, args?: AmqpTable): Promise<unknown>;
  /** False: the buffer is full; more shall wait for `drain`. */
  publish(exchange: string, key: string, content: Buffer, options?: AmqpProperties): boolean;
  /** `null` for a message: the broker has cancelled the consumer, as when its queue was deleted. */
  consume(
    queue: string,
    listener: (message: AmqpMessage | null) => void,
    options?: {
      readonly consumerTag?: string;
      readonly noAck?: boolean;
      readonly exclusive?: boolean;
      readonly priority?: number;
      readonly arguments?: AmqpTable;
    },
  ): Promise<{ readonly consumerTag: string }>;
  cancel(consumerTag: string): Promise<unknown>;
  get(queue: string, options?: { readonly noAck?: boolean }): Promise<AmqpMessage | false>;
  /** Throws when the channel is closed. */
  ack(message: AmqpMessage, upTo?: boolean): void;
  /** Throws when the channel is closed. */
  nack(message: AmqpMessage, upTo?: boolean, requeue?: boolean): void;
  prefetch(count: number, global?: boolean): Promise<unknown>;
  close(): Promise<void>;
  /** `close`: also when its connection was lost. */
  on(event: 'close' | 'drain', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'return', listener: (message: AmqpMessage) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
}

/** A channel on which the broker confirms each message. */
export interface AmqpConfirmChannel extends AmqpChannel {
  publish(
    exchange: string,
    key: string,
    content: Buffer,
    options?: AmqpProperties,
    /** Called once: with an error if the broker refused it, or if the channel was closed before it was confirmed. */
    confirmed?: (error: Error | null) => void,
  ): boolean;
}

/** An open connection of amqplib. */
export interface AmqpModel {
  createChannel(): Promise<AmqpChannel>;
  createConfirmChannel(): Promise<AmqpConfirmChannel>;
  close(): Promise<void>;
  on(event: 'close', listener: (reason?: Error) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'blocked', listener: (reason: string) => void): unknown;
  on(event: 'unblocked', listener: () => void): unknown;
}

/** Where amqplib shall connect to. */
export interface AmqpConnectOptions {
  readonly protocol: 'amqp' | 'amqps';
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** As in a URL: escaped. */
  readonly vhost: string;
  /** Seconds; 0: none. */
  readonly heartbeat: number;
  readonly frameMax?: number;
  readonly channelMax?: number;
}

/** What amqplib tells its socket, and the broker about this client. */
export interface AmqpSocketOptions extends ConnectionOptions {
  readonly noDelay?: boolean;
  readonly keepAlive?: boolean;
  /** Milliseconds. */
  readonly keepAliveDelay?: number;
  readonly clientProperties?: Readonly<Record<string, unknown>>;
  /** Destroys the socket, whatever it does. */
  readonly signal?: AbortSignal;
  /** How to log in; without it, by user name and password. */
  readonly credentials?: object;
}

/** What amqplib exports, as far as it is used. */
export interface AmqpDriver {
  connect(where: AmqpConnectOptions, socket: AmqpSocketOptions): Promise<AmqpModel>;
  readonly credentials: {
    /** The broker takes the user from the certificate of the connection. */
    external(): object;
  };
}

/**
 * Loads amqplib, an optional peer.
 *
 * @param transportName named in the error.
 * @throws MissingDriverError when it is not installed.
 */
export function loadAmqpDriver(transportName: string): AmqpDriver {
  try {
    return require('amqplib') as AmqpDriver;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'MODULE_NOT_FOUND') {
      throw new MissingDriverError(transportName, ['amqplib'], { cause: error });
    }
    throw error;
  }
}
