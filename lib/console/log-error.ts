import { summarizeError } from '../failure/flatten-error.js';
import { printable, printableLine } from './printable.js';

/** What was thrown, to follow a line of the log, unless that says it already. */
export function reasonOf(error: unknown, message: string): string {
  const reason = error === undefined ? '' : printableLine(summarizeError(error).message);
  return reason === '' || message.includes(reason) ? '' : ` ${reason}`;
}

/** The stacks of an error and of its causes, each on lines of its own. */
export function stacksOf(error: unknown): string {
  let text = '';
  for (
    let current = error === undefined ? undefined : summarizeError(error).flattened;
    current !== undefined;
    current = current.cause
  ) {
    text += `\n${text === '' ? '' : 'Caused by: '}${printable(current.stack ?? `${current.name}: ${current.message}`)}`;
  }
  return text;
}
