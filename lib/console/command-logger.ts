import { inspect } from 'node:util';
import { ConsoleLogger, type LogLevel as NestLevel } from '@nestjs/common';
import type { LogContext, LogLevel, MessengerLogger } from '../event/logger.js';
import { reasonOf, stacksOf } from './log-error.js';
import { jsonLogLine, type LogEntry } from './log-line.js';
import type { Output } from './output.js';
import { printable, printableLine } from './printable.js';
import { isAtLeast, VERBOSITIES, type Verbosity } from './verbosity.js';

/** How a {@link CommandLogger} writes. */
export interface CommandLoggerOptions {
  readonly output: Output;
  readonly format: 'text' | 'json';
  readonly verbosity: Verbosity;
  /**
   * Whether the command prints a result: the log is written to the error stream then, and shows less, so that nothing
   * comes between the lines of the result.
   */
  readonly isAside: boolean;
}

/** From the least to the most that can be shown. */
const STEPS: readonly NestLevel[][] = [
  ['fatal', 'error'],
  ['fatal', 'error', 'warn'],
  ['fatal', 'error', 'warn', 'log'],
  ['fatal', 'error', 'warn', 'log', 'debug'],
  ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'],
];

const LEVEL_OF: Readonly<Record<NestLevel, LogLevel>> = {
  fatal: 'error',
  error: 'error',
  warn: 'warn',
  log: 'info',
  debug: 'debug',
  verbose: 'debug',
};

const NEST_LEVEL_OF: Readonly<Record<LogLevel, NestLevel>> = {
  error: 'error',
  warn: 'warn',
  info: 'log',
  debug: 'debug',
};

const OWN_CONTEXT = 'Messenger';

/** However deep a field is, and however narrow the terminal. */
const ON_ONE_LINE = { breakLength: Number.POSITIVE_INFINITY, compact: true };

/** What Nest tells while it boots: of interest with `-v` only, and never beside the result of a command. */
const BOOT_CONTEXTS = new Set(['NestFactory', 'InstanceLoader', 'NestApplicationContext']);

/** Nest logs the error that ends the boot, with its stack; the command reports that error itself. */
const BOOT_ERROR_CONTEXT = 'ExceptionHandler';

/**
 * Nest's console logger for our processes: as much as `-q` to `-vv` ask for, in Nest's usual text with colours only in a
 * terminal, or as one JSON object a line. Stack traces are left out of text unless `-vv` asks for them.
 */
export class CommandLogger extends ConsoleLogger {
  readonly #settings: CommandLoggerOptions;

  constructor(settings: CommandLoggerOptions) {
    super({ logLevels: shownLevels(settings), colors: settings.output.hasColors });
    this.#settings = settings;
  }

  /** The same log for the package's own lines, which keep their structure. */
  readonly forMessenger: MessengerLogger = {
    enabled: (level) => this.isLevelEnabled(NEST_LEVEL_OF[level]),
    log: (level, text, context) => this.#logOwn(level, text, context),
  };

  /** Called by Nest's logger for each line whose level is shown. */
  protected override printMessages(
    messages: unknown[],
    context = '',
    logLevel: NestLevel = 'log',
    _stream?: 'stdout' | 'stderr',
    errorStack?: unknown,
    fields?: Readonly<Record<string, unknown>>,
  ): void {
    const isBootLine = BOOT_CONTEXTS.has(context) && LEVEL_OF[logLevel] === 'info';
    const { verbosity, isAside } = this.#settings;
    const isHidden = isBootLine && (isAside || !isAtLeast(verbosity, 'verbose'));
    if (context !== BOOT_ERROR_CONTEXT && !isHidden) {
      const entry = entryOf(messages, context, logLevel, errorStack);
      this.#write({ ...entry, fields: { ...fields, ...entry.fields } }, logLevel);
    }
  }

  /** The stack belongs to its line, see `#write`. */
  protected override printStackTrace(): void {}

  #logOwn(level: LogLevel, text: string, { error, ...fields }: LogContext = {}): void {
    const nestLevel = NEST_LEVEL_OF[level];
    if (this.isLevelEnabled(nestLevel)) {
      const message = printableLine(text);
      this.#write({ time: Date.now(), level, context: OWN_CONTEXT, message, error, fields }, nestLevel);
    }
  }

  #write(entry: LogEntry, logLevel: NestLevel): void {
    const { output, format, isAside } = this.#settings;
    const line = format === 'json' ? jsonLogLine(entry) : this.#textOf(entry, logLevel);
    if (isAside || (format === 'text' && entry.level === 'error')) {
      output.writeError(`${line}\n`);
    } else {
      output.write(`${line}\n`);
    }
  }

  #textOf({ message, context = '', error, fields = {} }: LogEntry, logLevel: NestLevel): string {
    const isDetailed = isAtLeast(this.#settings.verbosity, 'very-verbose');
    const level = logLevel.toUpperCase().padStart(7);
    const areShown = Object.keys(fields).length > 0 && (isDetailed || context !== OWN_CONTEXT);
    const details = areShown ? ` ${inspect(fields, ON_ONE_LINE)}` : '';
    const text = `${printable(message)}${reasonOf(error, message)}${details}`.trim();
    const line = this.formatMessage(
      logLevel,
      text,
      this.formatPid(process.pid),
      level,
      this.formatContext(context),
      '',
    ).trimEnd();
    return isDetailed ? `${line}${stacksOf(error)}` : line;
  }
}

function shownLevels({ verbosity, isAside }: CommandLoggerOptions): NestLevel[] {
  const step = VERBOSITIES.indexOf(verbosity);
  return STEPS[isAside || step === 0 ? step : step + 1] ?? [];
}

function entryOf(
  messages: readonly unknown[],
  context: string,
  logLevel: NestLevel,
  errorStack: unknown,
): LogEntry {
  const error = messages.find((message) => message instanceof Error) ?? errorOf(errorStack);
  const objects = messages.filter(isPlainField);
  const texts = messages
    .filter((message) => !(message instanceof Error) && !isPlainField(message))
    .map(textOf);
  return {
    time: Date.now(),
    level: LEVEL_OF[logLevel],
    context,
    message: texts.join(' ') || (error instanceof Error ? error.message : ''),
    error,
    fields: Object.assign({}, ...objects) as Record<string, unknown>,
  };
}

/** Nest lets a class stand for its name. */
function textOf(message: unknown): string {
  return typeof message === 'function' ? message.name : String(message);
}

function isPlainField(message: unknown): message is object {
  return typeof message === 'object' && message !== null && !(message instanceof Error);
}

/** Nest hands an error to a logger as the text of its stack. */
function errorOf(stack: unknown): unknown {
  const match = typeof stack === 'string' ? /^(\w+)(?:: (.*))?/.exec(stack) : null;
  return match === null ? stack : { name: match[1], message: match[2] ?? '', stack };
}
