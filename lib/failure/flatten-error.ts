import { HandlerFailedError } from '../errors/handler-failed.error.js';
import { isThrown } from '../errors/is-thrown.js';
import { MessengerError } from '../errors/messenger.error.js';
import type { FlattenedError } from '../stamp/error-details.stamp.js';
import { withoutMachinery } from './stack-frames.js';

const MAX_TEXT = 2_000;
const MAX_STACK_LINES = 20;
/** Of a longer stack the rest is not looked at. */
const MAX_STACK_LINES_READ = 200;
const MAX_CAUSES = 5;

/** What can be told of a thrown value. */
export interface ErrorSummary {
  readonly errorClass: string;
  readonly code: string | number;
  readonly message: string;
  readonly flattened: FlattenedError;
}

/**
 * Describes a thrown value as plain data of bounded size. Anything may be thrown: a text, `undefined`, an object whose
 * getters throw, an error that is its own cause. None of that makes this function throw.
 */
export function summarizeError(thrown: unknown): ErrorSummary {
  // What a handler threw tells more than the wrapper around it.
  const subject = isThrown(thrown, HandlerFailedError) ? thrown.errors.values().next().value : thrown;
  const flattened = flatten(subject, new Set(), 0);
  return { errorClass: flattened.name, code: flattened.code ?? 0, message: flattened.message, flattened };
}

function flatten(thrown: unknown, seen: Set<unknown>, depth: number): FlattenedError {
  if (typeof thrown !== 'object' || thrown === null) {
    return { name: typeof thrown, message: clip(safely(() => String(thrown)) ?? 'unreadable') };
  }
  seen.add(thrown);
  const code = safely(() => (thrown as { code?: unknown }).code);
  const stack = safely(() => (thrown as { stack?: unknown }).stack);
  const cause = safely(() => (thrown as { cause?: unknown }).cause);
  const hasCause = cause !== undefined && cause !== null && !seen.has(cause) && depth < MAX_CAUSES;
  return {
    name: nameOf(thrown),
    message: clip(textOf(thrown)),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof stack === 'string' ? { stack: clipStack(stack) } : {}),
    ...(hasCause ? { cause: flatten(cause, seen, depth + 1) } : {}),
  };
}

function nameOf(thrown: object): string {
  // Many subclasses of Error never set `name`; their class says more.
  const className = safely(() => thrown.constructor?.name);
  const name = isThrown(thrown, MessengerError)
    ? undefined
    : safely(() => (thrown as { name?: unknown }).name);
  const named = typeof name === 'string' && name !== '' && name !== 'Error' ? name : className;
  return clip(typeof named === 'string' && named !== '' ? named : 'Error');
}

function textOf(thrown: object): string {
  const message = safely(() => (thrown as { message?: unknown }).message);
  if (typeof message === 'string') {
    return message;
  }
  return safely(() => JSON.stringify(thrown)) ?? 'an error that cannot be read';
}

function clip(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}… (${text.length} characters)`;
}

function clipStack(stack: string): string {
  return clip(withoutMachinery(stack.split('\n', MAX_STACK_LINES_READ)).slice(0, MAX_STACK_LINES).join('\n'));
}

function safely<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
