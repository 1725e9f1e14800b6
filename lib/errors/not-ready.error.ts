import { MessengerError } from './messenger.error.js';

/** The messenger was used while the application was still being put together. */
export class NotReadyError extends MessengerError {
  readonly code = 'MESSENGER_NOT_READY';

  /** @param what what was used, e.g. `A message was dispatched`. */
  constructor(what: string) {
    super(
      `${what} before all providers of the application were made, so its handlers may be missing. ` +
        `Do it in onModuleInit() or later, not in a constructor or a provider factory.`,
    );
  }
}
