import { MessengerError } from './messenger.error.js';

/** Received bytes are no message this application can read. They are kept as they came. */
export class MessageDecodingFailedError extends MessengerError {
  readonly code: string = 'MESSENGER_DECODING_FAILED';

  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
  }
}
