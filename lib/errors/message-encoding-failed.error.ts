import { MessengerError } from './messenger.error.js';

/** A message or one of its stamps cannot be represented by the serializer. Nothing was sent. */
export class MessageEncodingFailedError extends MessengerError {
  readonly code = 'MESSENGER_ENCODING_FAILED';

  constructor(
    readonly messageName: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`Message "${messageName}" cannot be encoded: ${reason}`, options);
  }
}
