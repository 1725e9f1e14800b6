import type { Envelope } from '../envelope/envelope.js';
import { ErrorDetailsStamp } from '../stamp/error-details.stamp.js';
import { summarizeError } from './flatten-error.js';

/** The most attempts an envelope remembers: the first one, and the latest nine. */
const MAX_ENTRIES = 10;

/**
 * Adds a failed attempt to the history of an envelope. The history is bounded, and only its first and its latest entry
 * keep a stack trace, so that a message does not grow with every retry.
 */
export function withFailedAttempt(
  envelope: Envelope,
  error: unknown,
  failedAt: Date,
  host: string,
): Envelope {
  const summary = summarizeError(error);
  const latest = new ErrorDetailsStamp(
    summary.errorClass,
    summary.code,
    summary.message,
    failedAt,
    host,
    summary.flattened,
  );
  const [first, ...later] = envelope.all(ErrorDetailsStamp);
  const kept = later.slice(-(MAX_ENTRIES - 2)).map(withoutTrace);
  const history = first === undefined ? [latest] : [first, ...kept, latest];
  return envelope.without(ErrorDetailsStamp).with(...history);
}

function withoutTrace(stamp: ErrorDetailsStamp): ErrorDetailsStamp {
  return stamp.flattened === undefined
    ? stamp
    : new ErrorDetailsStamp(
        stamp.errorClass,
        stamp.errorCode,
        stamp.errorMessage,
        stamp.failedAt,
        stamp.host,
      );
}
