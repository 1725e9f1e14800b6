import { summarizeError } from '../failure/flatten-error.js';

/** What one line of a log tells. */
export interface LogEntry {
  /** Epoch milliseconds. */
  readonly time: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** The part of the application that logs. */
  readonly context: string | undefined;
  readonly message: string;
  /** Whatever was thrown, if the line is about that. */
  readonly error?: unknown;
  /** Further fields. One that has the name of a field above is left out. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/**
 * One JSON object without a line break: `time` (ISO 8601), `level`, `context`, `message`, the further fields, and `error` with
 * `name`, `message`, `code`, `stack` and `cause`. Nothing it is given makes it throw.
 */
export function jsonLogLine({ time, level, context, message, error, fields }: LogEntry): string {
  const line = {
    time: new Date(time).toISOString(),
    level,
    context,
    message,
    error: error === undefined ? undefined : summarizeError(error).flattened,
  };
  try {
    // Twice: the first fixes the order of the keys, the second their values.
    return JSON.stringify({ ...line, ...fields, ...line }, jsonReplacer);
  } catch {
    // A field with a cycle, or one whose getter throws. The line matters more than the field.
    return JSON.stringify(line);
  }
}

function jsonReplacer(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
