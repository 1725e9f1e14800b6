import type { ApplicationSource } from './application-source.js';
import { consumeCommand } from './commands/consume.command.js';
import { runInProcess, type RunOptions } from './run-in-process.js';

/**
 * Runs this process as a worker: boots the application without a server, consumes the receivers that the command line
 * names, and ends when a limit is reached, or it is told to stop.
 *
 * The exit code is 0 when it stopped as asked, 1 when it could not work, 2 when the command line was wrong. Errors are
 * reported, so the returned promise never rejects and need not be awaited.
 *
 * @example
 * // worker.ts, the whole file
 * runWorker(AppModule);
 *
 * @param application the root module, or a function that boots the application with the options it is given.
 */
export async function runWorker(application: ApplicationSource, options: RunOptions = {}): Promise<void> {
  await runInProcess(
    { description: 'Consumes messages until it is told to stop.', commands: consumeCommand },
    application,
    options,
  );
}
