import { Logger } from '@nestjs/common';
import { textOfThrown } from '../errors/text-of-thrown.js';
import type { LogContext, LogLevel, MessengerLogger } from '../event/logger.js';

const NEST_LEVELS = { debug: 'debug', info: 'log', warn: 'warn', error: 'error' } as const;

/**
 * Writes log lines to Nest's logger, with the context `Messenger`. Fields follow the text as `(name=value, …)`; a field that
 * is an object is left out, so no message is ever printed. Of an error its text is shown, and its stack where Nest shows
 * level `debug`.
 *
 * Lines of level `debug`, several for each message, are written only if asked for: Nest shows that level by default.
 */
export class NestMessengerLogger implements MessengerLogger {
  readonly #logger: Logger;

  readonly #debug: boolean;

  /** @param debug write lines of level `debug`, too. */
  constructor(debug = false, logger: Logger = new Logger('Messenger')) {
    this.#debug = debug;
    this.#logger = logger;
  }

  enabled(level: LogLevel): boolean {
    return (level !== 'debug' || this.#debug) && Logger.isLevelEnabled(NEST_LEVELS[level]);
  }

  log(level: LogLevel, text: string, context: LogContext = {}): void {
    if (level === 'debug' && !this.#debug) {
      return;
    }
    const { error, ...fields } = context;
    const line = text + describeFields(fields) + describeError(error, text);
    const stack =
      error instanceof Error && Logger.isLevelEnabled('debug') ? safely(() => error.stack) : undefined;
    if (level === 'error' && stack !== undefined) {
      this.#logger.error(line, stack);
      return;
    }
    this.#logger[NEST_LEVELS[level]](line);
    if (stack !== undefined) {
      this.#logger.debug(stack);
    }
  }
}

function describeFields(fields: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(fields)
    .map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value] as const)
    .filter(([, value]) => ['string', 'number', 'boolean', 'bigint'].includes(typeof value))
    .map(([name, value]) => `${name}=${String(value)}`);
  return shown.length === 0 ? '' : ` (${shown.join(', ')})`;
}

/** The text of an error, unless the line has it already. */
function describeError(error: unknown, text: string): string {
  if (error === undefined) {
    return '';
  }
  const message = textOfThrown(error, 'unreadable');
  return message === '' || text.includes(message) ? '' : ` ${message}`;
}

/** Whatever was thrown may throw when it is read. */
function safely<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
