import { InvalidUsageError } from '../errors/invalid-usage.error.js';
import { MessengerError } from '../errors/messenger.error.js';
import { PromptAbortedError } from '../errors/prompt-aborted.error.js';
import { summarizeError } from '../failure/flatten-error.js';
import type { FlattenedError } from '../stamp/error-details.stamp.js';
import { EXIT_CODE, type ExitCode } from './exit-code.js';
import { printable } from './printable.js';

/** How the process ends that failed with this error. */
export function exitCodeFor(error: unknown): ExitCode {
  return error instanceof InvalidUsageError ? EXIT_CODE.wrongUsage : EXIT_CODE.failed;
}

/**
 * What a person is told of an error that ends a command: our own errors say what to do, and have a code to look up; of any
 * other one the stack matters, which `withStack` adds.
 */
export function errorText(error: unknown, withStack: boolean): string {
  const { flattened } = summarizeError(error);
  const text = printable(withStack ? stackOf(flattened) : sentenceOf(error, flattened));
  return withStack || error instanceof MessengerError ? text : `${text}\nRun it with "-v" to see where.`;
}

function sentenceOf(error: unknown, { name, message, cause }: FlattenedError): string {
  if (error instanceof InvalidUsageError || error instanceof PromptAbortedError) {
    return message;
  }
  const reason = cause === undefined || message.includes(cause.message) ? '' : `\nCause: ${cause.message}`;
  return error instanceof MessengerError
    ? `${message} (${error.code})${reason}`
    : `${name}: ${message}${reason}`;
}

function stackOf(error: FlattenedError): string {
  const own = `${error.stack ?? `${error.name}: ${error.message}`}${error.code === undefined ? '' : `\n    code: ${error.code}`}`;
  return error.cause === undefined ? own : `${own}\nCaused by: ${stackOf(error.cause)}`;
}
