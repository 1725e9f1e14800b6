import type { FailedMessage } from '../failure/failed-messages.js';
import type { MessageRegistry } from '../message/message-registry.js';
import type { ErrorDetailsStamp, FlattenedError } from '../stamp/error-details.stamp.js';
import { contentText, contentValue } from './message-content.js';
import { stampNames } from './message-view.js';
import type { Output } from './output.js';
import { printable, printableLine } from './printable.js';
import { writeTable } from './table.js';
import { isAtLeast, type Verbosity } from './verbosity.js';

/** A terminal narrower than this needs its room for the errors. */
const COLUMNS_FOR_ORIGIN = 100;

/** The list of failed messages: id, message, transport it failed on (if there is room), time, error. */
export function writeFailedMessages(output: Output, messages: readonly FailedMessage[]): void {
  const hasRoom = !output.isTerminal || output.columns >= COLUMNS_FOR_ORIGIN;
  const withOrigin = (origin: string): readonly string[] => (hasRoom ? [origin] : []);
  writeTable(output, {
    head: ['Id', 'Message', ...withOrigin('Failed from'), 'Failed at', 'Error'],
    rows: messages.map((message) => [
      message.id,
      message.messageName,
      ...withOrigin(message.failedFrom ?? '-'),
      timeText(message.failedAt),
      errorText(message),
    ]),
  });
}

/** What of a failed message is shown in JSON besides its facts. */
export interface FailedMessageParts {
  /** The message itself. */
  readonly withContent: boolean;
  /** The stack traces of its errors. */
  readonly withTraces: boolean;
}

/** A failed message in JSON. */
export function failedMessageJson(
  message: FailedMessage,
  { withContent, withTraces }: FailedMessageParts,
  types: MessageRegistry,
): object {
  const { id, messageName, messageId = null, failedFrom = null, failedAt = null, attempts } = message;
  const last = attempts.at(-1);
  return {
    id,
    message: messageName,
    messageId,
    failedFrom,
    failedAt,
    error:
      last === undefined
        ? null
        : { class: last.errorClass, code: last.errorCode, message: last.errorMessage },
    undecodable: message.undecodable ?? null,
    attempts: attempts.map((attempt) => attemptJson(attempt, withTraces)),
    ...(withContent && { content: contentValue(message.envelope, types) }),
  };
}

/** A failed message in full, as names and values: `-v` adds the trace of its last error, `-vv` that of the first, and its stamps. */
export function failedMessageDetails(
  message: FailedMessage,
  verbosity: Verbosity,
  types: MessageRegistry,
): ReadonlyArray<readonly [name: string, value: string]> {
  const { id, messageName, messageId, failedFrom, failedAt, attempts, envelope } = message;
  const [first, ...later] = attempts;
  const last = attempts.at(-1);
  return [
    ['Id', id],
    ['Message', printableLine(messageName)],
    ['Message id', printableLine(messageId ?? '-')],
    ['Failed from', printableLine(failedFrom ?? '-')],
    ['Failed at', timeText(failedAt)],
    ['Error', errorText(message)],
    ...rowIf(last !== undefined && last.errorCode !== 0, 'Error code', String(last?.errorCode)),
    ['Attempts', attempts.map(attemptText).join('\n') || '-'],
    ['Content', contentText(envelope, types)],
    ...rowIf(isAtLeast(verbosity, 'verbose'), 'Trace', traceOf(last)),
    ...rowIf(isAtLeast(verbosity, 'very-verbose') && later.length > 0, 'First trace', traceOf(first)),
    ...rowIf(isAtLeast(verbosity, 'very-verbose'), 'Stamps', stampNames(envelope)),
  ];
}

function rowIf(
  condition: boolean,
  name: string,
  value: string,
): ReadonlyArray<readonly [name: string, value: string]> {
  return condition ? [[name, printable(value)]] : [];
}

function traceOf(attempt: ErrorDetailsStamp | undefined): string {
  return attempt?.flattened === undefined ? '-' : traceText(attempt.flattened);
}

function attemptJson(
  { errorClass, errorCode, errorMessage, failedAt, host, flattened }: ErrorDetailsStamp,
  withTrace: boolean,
): object {
  return {
    failedAt,
    host,
    errorClass,
    errorCode,
    errorMessage,
    ...(withTrace && { trace: flattened ?? null }),
  };
}

function attemptText({ failedAt, host, errorClass, errorMessage }: ErrorDetailsStamp): string {
  return `${timeText(failedAt)} on ${printableLine(host)}: ${printableLine(`${errorClass}: ${errorMessage}`)}`;
}

function errorText({ attempts, undecodable }: FailedMessage): string {
  const last = attempts.at(-1);
  return printableLine(
    undecodable ?? (last === undefined ? '-' : `${last.errorClass}: ${last.errorMessage}`),
  );
}

function traceText({ name, message, stack, cause }: FlattenedError): string {
  const own = stack ?? `${name}: ${message}`;
  return cause === undefined ? own : `${own}\nCaused by: ${traceText(cause)}`;
}

function timeText(time: Date | undefined): string {
  return time === undefined || Number.isNaN(time.getTime()) ? '-' : time.toISOString();
}
