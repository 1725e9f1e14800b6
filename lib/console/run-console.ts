import type { ApplicationSource } from './application-source.js';
import { consumeCommand } from './commands/consume.command.js';
import { runInProcess, type RunOptions } from './run-in-process.js';

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
    { description: 'Looks after the messages of the application.', commands: [consumeCommand] },
    application,
    options,
  );
}
