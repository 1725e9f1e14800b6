import type { Envelope } from '../envelope/envelope.js';
import { shownMessageName } from '../message/shown-message-name.js';
import { MessageIdStamp } from '../stamp/message-id.stamp.js';
import { RedeliveryStamp } from '../stamp/redelivery.stamp.js';
import { TransportMessageIdStamp } from '../stamp/transport-message-id.stamp.js';
import { asSentence } from './as-sentence.js';
import { summarizeError } from './flatten-error.js';

/** What the log says, ended by a full stop: which message failed, on which attempt, and why. The body of the message is never in it. */
export function describeFailure(received: Envelope, transportName: string, error: unknown): string {
  const id = received.last(MessageIdStamp)?.id ?? received.last(TransportMessageIdStamp)?.id;
  const attempt = (received.last(RedeliveryStamp)?.retryCount ?? 0) + 1;
  const subject = `"${shownMessageName(received.message)}"${id === undefined ? '' : ` (${id})`}`;
  const reason = asSentence(summarizeError(error).message);
  return `Handling ${subject} from transport "${transportName}" failed on attempt ${attempt}: ${reason}`;
}
