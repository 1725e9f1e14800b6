import type { Envelope } from '../envelope/envelope.js';
import { AddBusNameStampMiddleware } from './add-bus-name-stamp.middleware.js';
import { AddDefaultStampsMiddleware } from './add-default-stamps.middleware.js';
import type { ChainLink } from './compose.js';
import { DecodeFailedMessageMiddleware } from './decode-failed-message.middleware.js';
import { DeduplicateMiddleware, type DeduplicateOptions } from './deduplicate.middleware.js';
import {
  type CurrentDispatch,
  DispatchAfterCurrentBusMiddleware,
} from './dispatch-after-current-bus.middleware.js';
import { FailedMessageProcessingMiddleware } from './failed-message-processing.middleware.js';
import { HandleMessageMiddleware, type HandleMessageOptions } from './handle-message.middleware.js';
import type { Middleware } from './middleware.js';
import { RejectRedeliveredMessageMiddleware } from './reject-redelivered-message.middleware.js';
import { SendMessageMiddleware, type SendMessageOptions } from './send-message.middleware.js';

/** What the chain of one bus is made of. */
export interface ChainOptions extends HandleMessageOptions, SendMessageOptions, DeduplicateOptions {
  /** The application's own middleware, in order. */
  readonly middleware: readonly Middleware[];
  /** Leave out everything but `middleware`. */
  readonly isBare?: boolean;
  readonly maxDeliveries: number;
  /** The names of the transports that failed messages are sent to. */
  readonly failureTransports: ReadonlySet<string>;
  readonly currentDispatch: CurrentDispatch;
}

/** The chain of a bus. This array is the one place that says which middleware there are and in which order they run. */
export function defaultChain(options: ChainOptions): readonly ChainLink[] {
  const own = options.middleware.map((middleware) => ({ middleware, isTrusted: false }));
  if (options.isBare === true) {
    return own;
  }
  const sending = new SendMessageMiddleware(options);
  const isOnlySent = (envelope: Envelope): boolean => own.length === 0 && sending.onlySends(envelope);
  return [
    trusted(new AddDefaultStampsMiddleware()),
    trusted(new AddBusNameStampMiddleware(options.busName)),
    trusted(new RejectRedeliveredMessageMiddleware(options.maxDeliveries)),
    trusted(new DispatchAfterCurrentBusMiddleware(options.currentDispatch, options.transactions, isOnlySent)),
    trusted(new DecodeFailedMessageMiddleware()),
    trusted(new FailedMessageProcessingMiddleware(options.failureTransports)),
    trusted(new DeduplicateMiddleware(options)),
    ...own,
    trusted(sending),
    trusted(new HandleMessageMiddleware(options)),
  ];
}

function trusted(middleware: Middleware): ChainLink {
  return { middleware, isTrusted: true };
}
