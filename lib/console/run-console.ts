import type { ApplicationSource } from './application-source.js';
import type { ConsoleCommand } from './command.js';
import { consumeCommand } from './commands/consume.command.js';
import { debugCommand } from './commands/debug.command.js';
import { doctorCommand } from './commands/doctor.command.js';
import { explainCommand } from './commands/explain.command.js';
import { failedRemoveCommand } from './commands/failed-remove.command.js';
import { failedRetryCommand } from './commands/failed-retry.command.js';
import { failedShowCommand } from './commands/failed-show.command.js';
import { setupTransportsCommand } from './commands/setup-transports.command.js';
import { showCommand } from './commands/show.command.js';
import { statsCommand } from './commands/stats.command.js';
import { stopWorkersCommand } from './commands/stop-workers.command.js';
import { workersCommand } from './commands/workers.command.js';
import { runInProcess, type RunOptions } from './run-in-process.js';

/** Every command, in the order of the list that is shown without one. */
export const CONSOLE_COMMANDS: readonly ConsoleCommand[] = [
  consumeCommand,
  stopWorkersCommand,
  workersCommand,
  setupTransportsCommand,
  statsCommand,
  debugCommand,
  explainCommand,
  doctorCommand,
  showCommand,
  failedShowCommand,
  failedRetryCommand,
  failedRemoveCommand,
];

/**
 * Runs one command of the console on the application: `node dist/messenger.js <command> …`. Without a command it lists them.
 *
 * The exit code is 0 when the command did what it was asked, 1 when it failed, 2 when the command line was wrong. Errors
 * are reported, so the returned promise never rejects and need not be awaited.
 *
 * @example
 * // messenger.ts, the whole file
 * runConsole(AppModule);
 *
 * @param application the root module, or a function that boots the application with the options it is given.
 */
export async function runConsole(application: ApplicationSource, options: RunOptions = {}): Promise<void> {
  await runInProcess(
    { description: 'Looks after the messages of the application.', commands: CONSOLE_COMMANDS },
    application,
    options,
  );
}
