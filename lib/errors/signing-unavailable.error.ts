import { MessengerError } from './messenger.error.js';

/** A handler asks for signed messages, which this version does not have. */
export class SigningUnavailableError extends MessengerError {
  readonly code = 'MESSENGER_SIGNING_UNAVAILABLE';

  constructor(readonly handlerName: string) {
    super(
      `Handler "${handlerName}": "sign: true" asks for signed messages, and signing is not available in this version. ` +
        `Remove the option; until then keep the transport where only trusted applications can write to it.`,
    );
  }
}
