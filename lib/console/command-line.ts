import type { Command, CommanderError } from 'commander';
import type { CommonOptions, ConsoleCommand } from './command.js';
import { EXIT_CODE, type ExitCode } from './exit-code.js';
import type { Output } from './output.js';
import { verbosityOf } from './verbosity.js';

/** A program: one command, or several to choose from. */
export interface Program {
  /** How it is called, e.g. `node dist/messenger.js`. */
  readonly name: string;
  readonly description: string;
  readonly commands: ConsoleCommand | readonly ConsoleCommand[];
}

/** A command line that was understood. */
export interface ParsedCommandLine extends CommonOptions {
  readonly command: ConsoleCommand;
  readonly args: readonly string[];
  /** By their camelCase names, as commander hands them over. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Whether a person may be asked something. */
  readonly mayAsk: boolean;
}

/** Called with what was understood. */
type OnParsed = (parsed: ParsedCommandLine) => void;

/**
 * Reads a command line.
 *
 * @returns what to do; or the exit code, if all is done: help was shown, or what is wrong was reported.
 */
export function parseCommandLine(
  program: Program,
  argv: readonly string[],
  output: Output,
): ParsedCommandLine | ExitCode {
  let parsed: ParsedCommandLine | undefined;
  const root = createRoot(program, argv, output);
  const onParsed: OnParsed = (result) => (parsed = result);
  const { commands } = program;
  if ('run' in commands) {
    define(root, commands, onParsed);
  } else {
    root.version(packageVersion(), '-V, --version', 'the version of nestjs-messenger');
    commands.forEach((command) => {
      define(root.command(command.name).description(`${command.summary}.`), command, onParsed);
    });
  }
  try {
    root.parse('run' in commands ? argv : withoutHelpCommand(argv, commands), { from: 'user' });
  } catch (error) {
    return exitCodeOf(error);
  }
  return parsed ?? EXIT_CODE.wrongUsage;
}

/** `help stats` means `stats --help`; no argument at all means `--help`. */
function withoutHelpCommand(argv: readonly string[], commands: readonly ConsoleCommand[]): readonly string[] {
  const [first, name] = argv;
  if (first !== undefined && first !== 'help') {
    return argv;
  }
  if (name === undefined) {
    return ['--help'];
  }
  // An unknown one is reported as such.
  return commands.some((command) => command.name === name) ? [name, '--help'] : [name];
}

/** The version of this package. */
function packageVersion(): string {
  return (require('nestjs-messenger/package.json') as { readonly version: string }).version;
}

function createRoot(
  { name, description, commands }: Program,
  argv: readonly string[],
  output: Output,
): Command {
  // Loaded on first use, so that importing the package costs an application nothing.
  const commander = require('commander') as typeof import('commander');
  const asked = 'run' in commands ? undefined : commands.find((command) => command.name === argv[0]);
  const help = `${asked === undefined ? name : `${name} ${asked.name}`} --help`;
  return new commander.Command(name)
    .description(description)
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.write(text),
      writeErr: (text) => output.writeError(text),
      outputError: (text, write) => write(`${usageText(text)} See "${help}".\n`),
      getOutHelpWidth: () => output.columns,
      getErrHelpWidth: () => output.columns,
    });
}

function define(line: Command, command: ConsoleCommand, onParsed: OnParsed): void {
  let verboseCount = 0;
  command.define(line);
  line
    .option('--format <format>', 'text, or json for programs', 'text')
    .option('-n, --no-interaction', 'ask no questions')
    .option('-q, --quiet', 'log errors only')
    .option('-v, --verbose', 'tell more; -vv: even more')
    .on('option:verbose', () => (verboseCount += 1))
    .action(() => {
      const { format, interaction, quiet, ...options } = line.opts<Record<string, unknown>>();
      onParsed({
        command,
        args: line.args,
        options,
        format: readFormat(line, format),
        verbosity: verbosityOf(quiet === true, verboseCount),
        mayAsk: interaction === true,
      });
    });
}

function readFormat(line: Command, format: unknown): CommonOptions['format'] {
  if (format === 'json') {
    return 'json';
  }
  // Symfony's name for it is accepted as well.
  if (format === 'text' || format === 'txt') {
    return 'text';
  }
  return line.error(`error: option '--format' must be 'text' or 'json', '${String(format)}' passed`);
}

/** What commander says, as our other texts are written. */
function usageText(text: string): string {
  const sentence = text
    .trim()
    .replace(/^error: /, '')
    .replaceAll("'", '"')
    .replace(/\n\((.*)\)$/s, '. $1');
  const capitalized = sentence.charAt(0).toUpperCase() + sentence.slice(1);
  return /[.?]$/.test(capitalized) ? capitalized : `${capitalized}.`;
}

function exitCodeOf(error: unknown): ExitCode {
  const { code, exitCode } = error as Partial<CommanderError>;
  if (code === undefined || !code.startsWith('commander.')) {
    throw error;
  }
  return exitCode === 0 ? EXIT_CODE.done : EXIT_CODE.wrongUsage;
}
