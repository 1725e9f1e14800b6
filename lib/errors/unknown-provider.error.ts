import { MessengerError } from './messenger.error.js';

/** A provider that the configuration names is not provided by any module. */
export class UnknownProviderError extends MessengerError {
  readonly code = 'MESSENGER_UNKNOWN_PROVIDER';

  /** @param where who needs it, e.g. `MessengerModule.forFeature()`. */
  constructor(
    readonly where: string,
    readonly providerName: string,
    hint: string,
    options?: ErrorOptions,
  ) {
    super(`${where}: no module provides "${providerName}". ${hint}`, options);
  }
}
