import type { FailedMessage } from '../failure/failed-messages.js';
import type { ErrorDetailsStamp, FlattenedError } from '../stamp/error-details.stamp.js';
import { contentText, contentValue } from './message-content.js';
import type { Output } from './output.js';
import { printable, printableLine } from './printable.js';
import { writeTable } from './table.js';

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

/** A failed message in JSON. @param withContent with the message itself and the traces of its errors. */
export function failedMessageJson(message: FailedMessage, withContent: boolean): object {
  const { id, messageName, failedFrom = null, failedAt = null, attempts, undecodable = null } = message;
  const last = attempts.at(-1);
  return {
    id,
    message: messageName,
    failedFrom,
    failedAt,
    error:
      last === undefined
        ? null
        : { class: last.errorClass, code: last.errorCode, message: last.errorMessage },
    undecodable,
    attempts: attempts.map((attempt) => attemptJson(attempt, withContent)),
    ...(withContent && { content: contentValue(message.envelope) }),
  };
}

/** A failed message in full, as names and values. @param withContent with the message itself and the trace of its last error. */
export function failedMessageDetails(
  message: FailedMessage,
  withContent: boolean,
): ReadonlyArray<readonly [name: string, value: string]> {
  const { id, messageName, failedFrom, failedAt, attempts } = message;
  const trace = attempts.at(-1)?.flattened;
  return [
    ['Id', id],
    ['Message', printableLine(messageName)],
    ['Failed from', failedFrom ?? '-'],
    ['Failed at', timeText(failedAt)],
    ['Error', errorText(message)],
    ['Attempts', attempts.map(attemptText).join('\n') || '-'],
    ...(withContent
      ? ([
          ['Content', contentText(message.envelope)],
          ['Trace', trace === undefined ? '-' : printable(traceText(trace))],
        ] as const)
      : []),
  ];
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
