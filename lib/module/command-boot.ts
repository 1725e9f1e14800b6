import { AsyncLocalStorage } from 'node:async_hooks';
import type { MessengerLogger } from '../event/logger.js';

/** What a command of ours tells the modules of the application it boots. */
export interface CommandBoot {
  /** Where log lines go, unless the module's options name a logger; `undefined`: to Nest's. */
  readonly logger: MessengerLogger | undefined;
}

/**
 * Has a value while `runWorker` or `runConsole` boots an application: workers of the `workers` option shall not run then,
 * since the process exists for something else. It reaches every provider and hook however the application is made, and
 * no other application of the process.
 */
export const commandBoot = new AsyncLocalStorage<CommandBoot>();
