import { relative } from 'node:path';
import type { ApplicationSource } from './application-source.js';
import type { Program } from './command-line.js';
import { errorText } from './error-report.js';
import { EXIT_CODE, type ExitCode } from './exit-code.js';
import { ProcessOutput } from './output.js';
import { type ProgramSurroundings, runProgram } from './run-program.js';
import { TerminalPrompt } from './terminal-prompt.js';

/** How {@link runWorker} and {@link runConsole} run. */
export interface RunOptions {
  /** The command line without the executable and the script. @default process.argv.slice(2) */
  readonly argv?: readonly string[];
}

/** What still keeps the process alive when all is done (a timer, a socket of the application) is given this long. */
const LINGER_MS = 1000;

/**
 * Runs a program as what this process is there for, and sets its exit code. The process ends by itself; if something of
 * the application keeps it alive, it is ended one second later. Never rejects.
 */
export async function runInProcess(
  program: Omit<Program, 'name'>,
  source: ApplicationSource,
  { argv = process.argv.slice(2) }: RunOptions,
): Promise<void> {
  const output = new ProcessOutput();
  const surroundings: ProgramSurroundings = {
    argv,
    output,
    host: process,
    createPrompt: (isAllowed) => {
      const isInteractive = isAllowed && output.isTerminal && process.stdin.isTTY === true;
      return new TerminalPrompt(process.stdin, process.stdout, isInteractive);
    },
  };
  let exitCode: ExitCode;
  try {
    exitCode = await runProgram({ ...program, name: scriptName() }, source, surroundings);
  } catch (error) {
    output.writeError(`${errorText(error, true)}\n`);
    exitCode = EXIT_CODE.failed;
  }
  process.exitCode = exitCode;
  await output.flush();
  setTimeout(() => process.exit(exitCode), LINGER_MS).unref();
}

function scriptName(): string {
  const script = process.argv[1];
  return script === undefined ? 'node' : `node ${relative('', script)}`;
}
