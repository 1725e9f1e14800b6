import type { Command as CommandLine } from 'commander';
import type { ExitCode } from './exit-code.js';
import type { MessengerServices } from './messenger-services.js';
import type { Output } from './output.js';
import type { ProcessSignals } from './process-signals.js';
import type { Prompt } from './prompt.js';
import type { Verbosity } from './verbosity.js';

/** The options that every command has. */
export interface CommonOptions {
  readonly format: 'text' | 'json';
  readonly verbosity: Verbosity;
}

/** One run of a command: what was asked for, and what it may use. */
export interface CommandContext<Options = unknown> extends CommonOptions {
  /** The arguments, in order. */
  readonly args: readonly string[];
  /** The options by their camelCase names, as commander hands them over. */
  readonly options: Options;
  /** What the booted application offers. The workers of its `workers` option do not run. */
  readonly messenger: MessengerServices;
  readonly output: Output;
  readonly prompt: Prompt;
  readonly signals: ProcessSignals;
}

/**
 * One command of the console. It says what may be written on its command line, and carries it out on a booted application:
 * commands read and print, the work is done by the classes they call.
 */
export interface ConsoleCommand<Options = unknown> {
  readonly name: string;
  /** One line for the list of commands, without a full stop. */
  readonly summary: string;
  /** Whether it handles messages: a signal stops it gently then, and no stray error of the application ends it. */
  readonly runsHandlers?: boolean;
  /** Whether the log is all it prints. */
  readonly printsLog?: boolean;
  /** Declares its arguments and options. */
  define(line: CommandLine): void;
  /**
   * Carries it out.
   *
   * @returns how the process shall end.
   * @throws InvalidUsageError for a wrong command line; anything else counts as failed. Both are reported by the caller.
   */
  run(context: CommandContext<Options>): Promise<ExitCode>;
}
