import type { INestApplicationContext } from '@nestjs/common';
import type { MessengerLogger } from '../event/logger.js';
import { summarizeError } from '../failure/flatten-error.js';
import { commandBoot } from '../module/command-boot.js';
import { type ApplicationSource, bootApplication } from './application-source.js';
import { type ParsedCommandLine, parseCommandLine, type Program } from './command-line.js';
import { CommandLogger } from './command-logger.js';
import { errorText, exitCodeFor } from './error-report.js';
import { EXIT_CODE, type ExitCode } from './exit-code.js';
import type { HostProcess } from './host-process.js';
import { writeJson } from './json-output.js';
import { MessengerServices } from './messenger-services.js';
import type { Output } from './output.js';
import { ProcessSignals } from './process-signals.js';
import type { Prompt } from './prompt.js';
import { StrayErrors } from './stray-errors.js';
import { isAtLeast } from './verbosity.js';

/** The surroundings of a program: a process, or a test. */
export interface ProgramSurroundings {
  /** The command line without the executable and the script. */
  readonly argv: readonly string[];
  readonly output: Output;
  readonly host: HostProcess;
  readonly createPrompt: (isAllowed: boolean) => Prompt;
}

/** The application is given this long to close; a hook that never resolves shall not keep the process. */
const CLOSE_TIMEOUT_MS = 10_000;

/**
 * Reads the command line, boots the application, carries the command out, closes the application. Never rejects: whatever
 * goes wrong is reported.
 *
 * @returns how the process shall end.
 */
export async function runProgram(
  program: Program,
  source: ApplicationSource,
  surroundings: ProgramSurroundings,
): Promise<ExitCode> {
  const parsed = parseCommandLine(program, surroundings.argv, surroundings.output);
  return typeof parsed === 'number' ? parsed : runCommand(parsed, source, surroundings);
}

async function runCommand(
  parsed: ParsedCommandLine,
  source: ApplicationSource,
  { output, host, createPrompt }: ProgramSurroundings,
): Promise<ExitCode> {
  const { command } = parsed;
  const log = createLogger(parsed, output);
  const logger = log.forMessenger;
  const signals = new ProcessSignals(host);
  const strayErrors = new StrayErrors(host, logger);
  if (command.runsHandlers === true) {
    signals.watch();
    strayErrors.watch();
  }
  let app: INestApplicationContext | undefined;
  let exitCode: ExitCode;
  try {
    app = await commandBoot.run({ logger }, () =>
      bootApplication(source, { logger: log, abortOnError: false }),
    );
    const messenger = new MessengerServices(app);
    exitCode = await command.run({
      ...parsed,
      messenger,
      output,
      prompt: createPrompt(parsed.mayAsk),
      signals,
    });
  } catch (error) {
    exitCode = report(error, parsed, output, logger);
  }
  if (strayErrors.count > 0) {
    logger.log('warn', `${strayErrors.count} error(s) of the application were caught by nobody; see above.`);
  }
  return (await close(app, logger)) ? exitCode : Math.max(exitCode, EXIT_CODE.failed);
}

/** Where the log is aside, it is there for a person, whatever the result is for. */
function createLogger({ command, format, verbosity }: ParsedCommandLine, output: Output): CommandLogger {
  return command.printsLog === true
    ? new CommandLogger({ output, verbosity, format, isAside: false })
    : new CommandLogger({ output, verbosity, format: 'text', isAside: true });
}

/** Reports an error where the person or program behind the command looks for it. */
function report(
  error: unknown,
  { command, format, verbosity }: ParsedCommandLine,
  output: Output,
  logger: MessengerLogger,
): ExitCode {
  const text = errorText(error, isAtLeast(verbosity, 'verbose'));
  if (command.printsLog === true && format === 'json') {
    logger.log('error', text, { error });
  } else {
    if (format === 'json') {
      // Whoever reads the result as JSON gets JSON in every case.
      const { message, code = null } = summarizeError(error).flattened;
      writeJson(output, { error: { code, message } });
    }
    output.writeError(`${text}\n`);
  }
  return exitCodeFor(error);
}

/** Closes the application: resolves with whether it could, and in time. */
async function close(app: INestApplicationContext | undefined, logger: MessengerLogger): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<'expired'>((resolve) => {
    timer = setTimeout(resolve, CLOSE_TIMEOUT_MS, 'expired');
  });
  try {
    const outcome = await Promise.race([app?.close(), expired]);
    if (outcome === 'expired') {
      logger.log(
        'error',
        `The application did not close within ${CLOSE_TIMEOUT_MS / 1000} s; the process ends anyway.`,
      );
    }
    return outcome !== 'expired';
  } catch (error) {
    logger.log('error', 'The application did not close properly.', { error });
    return false;
  } finally {
    clearTimeout(timer);
  }
}
