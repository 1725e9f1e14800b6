import { MessengerError } from './messenger.error.js';

/** A transport cannot do what was asked, since its broker has no such operation. */
export class MissingCapabilityError extends MessengerError {
  readonly code = 'MESSENGER_MISSING_CAPABILITY';

  /** @param ability completes `Transport "x" cannot …`, e.g. `list its messages`. */
  constructor(
    readonly transportName: string,
    readonly ability: string,
    hint: string,
  ) {
    super(`Transport "${transportName}" cannot ${ability}. ${hint}`);
  }
}
