import type { Envelope } from '../envelope/envelope.js';
import { HandlerFailedError } from '../errors/handler-failed.error.js';
import { isThrown } from '../errors/is-thrown.js';
import { NotHandledOnceError } from '../errors/not-handled-once.error.js';
import { classOf } from '../message/message-class.js';
import { DuplicateStamp } from '../stamp/duplicate.stamp.js';
import { HandledStamp } from '../stamp/handled.stamp.js';
import { SentStamp } from '../stamp/sent.stamp.js';

/** The result of the only handler of a dispatched message; see `MessageBus.execute`. */
export async function executeOnce<R>(dispatched: Promise<Envelope>): Promise<R> {
  let envelope: Envelope;
  try {
    envelope = await dispatched;
  } catch (error) {
    throw isThrown(error, HandlerFailedError) && error.errors.size === 1 ? error.cause : error;
  }
  const handled = envelope.all(HandledStamp);
  const only = handled.length === 1 ? handled[0] : undefined;
  if (only === undefined) {
    throw new NotHandledOnceError(
      classOf(envelope.message).name,
      handled.map(({ handlerName }) => handlerName),
      envelope.all(SentStamp).map(({ transportName }) => transportName),
      envelope.last(DuplicateStamp)?.key,
    );
  }
  return only.result;
}
