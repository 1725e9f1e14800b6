import type { MessageClass } from '../message/message-class.js';
import type { HandlerContext } from './handler-context.js';
import type { Batch } from './batch.js';

/** What a handler handles: a message class, a message name, a prefix such as `billing.*`, or `*`. */
export type HandledType = MessageClass | string;

/** How a handler takes several messages at once. */
export interface BatchOptions {
  /** Messages in a full batch. @default 10 */
  readonly size?: number;
  /** Milliseconds after the last message until a batch that is not full is handled. @default 500 */
  readonly idleTimeout?: number;
}

/** The conditions under which a handler runs. */
export interface HandlerOptions {
  /** Only on this bus. @default every bus */
  readonly bus?: string;
  /** Only for messages received from this transport; a message handled where it was dispatched is not filtered. @default any */
  readonly fromTransport?: string;
  /** Handlers of one message type run in descending order of priority. @default 0 */
  readonly priority?: number;
  /** Takes a `Batch` of messages instead of one. */
  readonly batch?: BatchOptions;
  /** Milliseconds after which the handler has failed and its signal is aborted. @default none */
  readonly timeout?: number;
  /** Runs in a transaction that also records in an inbox that it has handled the message. @default false */
  readonly idempotent?: boolean;
  /** Its messages are signed on every transport, and refused without a signature. @default false */
  readonly sign?: boolean;
}

/** Calls the handler with a message, or with a `Batch` if it is a batch handler. */
export type HandlerFunction = (
  subject: object | Batch<object>,
  context: HandlerContext,
  ...additionalArguments: readonly unknown[]
) => unknown;

/** One handler as the bus knows it. */
export interface HandlerDescriptor {
  /** Identifies the handler across processes and deployments: `Class.method`. */
  readonly name: string;
  readonly handles: HandledType;
  readonly options: HandlerOptions;
  readonly call: HandlerFunction;
}
