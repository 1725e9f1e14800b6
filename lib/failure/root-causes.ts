import { DelayedMessageHandlingError } from '../errors/delayed-message-handling.error.js';
import { HandlerFailedError } from '../errors/handler-failed.error.js';
import { isThrown } from '../errors/is-thrown.js';

/** Handlers that dispatch to handlers that dispatch … further down than this nobody decides anything by. */
const MAX_DEPTH = 10;

/**
 * What handlers threw in the end: behind a `HandlerFailedError`, and behind those of messages that a handler dispatched in its
 * turn, at once or after itself.
 */
export function rootCausesOf(error: unknown, depth = 0): readonly unknown[] {
  if (depth < MAX_DEPTH && isThrown(error, HandlerFailedError)) {
    return [...error.errors.values()].flatMap((cause) => rootCausesOf(cause, depth + 1));
  }
  if (depth < MAX_DEPTH && isThrown(error, DelayedMessageHandlingError)) {
    return error.errors.flatMap((cause) => rootCausesOf(cause, depth + 1));
  }
  return [error];
}
