import type { Envelope } from '../envelope/envelope.js';
import { classOf } from '../message/message-class.js';
import { MessageIdStamp } from '../stamp/message-id.stamp.js';
import { RedeliveryStamp } from '../stamp/redelivery.stamp.js';
import { TransportMessageIdStamp } from '../stamp/transport-message-id.stamp.js';
import { summarizeError } from './flatten-error.js';

/** One sentence for the log: which message failed, on which attempt, and why. The body of the message is never in it. */
export function describeFailure(received: Envelope, transportName: string, error: unknown): string {
  const id = received.last(MessageIdStamp)?.id ?? received.last(TransportMessageIdStamp)?.id;
  const attempt = (received.last(RedeliveryStamp)?.retryCount ?? 0) + 1;
  const subject = `"${classOf(received.message).name}"${id === undefined ? '' : ` (${id})`}`;
  return `Handling ${subject} from transport "${transportName}" failed on attempt ${attempt}: ${summarizeError(error).message}`;
}
