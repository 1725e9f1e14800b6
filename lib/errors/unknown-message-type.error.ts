import { MessageDecodingFailedError } from './message-decoding-failed.error.js';

/**
 * The `type` of a received message is not in the registry. Unlike other decoding errors it is retried, since during a
 * rolling deployment another worker may know the type.
 */
export class UnknownMessageTypeError extends MessageDecodingFailedError {
  override readonly code = 'MESSENGER_UNKNOWN_MESSAGE_TYPE';

  constructor(
    readonly typeName: string,
    known: readonly string[],
  ) {
    super(
      `Message type "${typeName}" is not known here. Known types: ${known.map((name) => `"${name}"`).join(', ') || 'none'}. ` +
        `Give the class a handler, a route, an entry in "messages", or the old name as an alias with @AsMessage({ aliases }).`,
    );
  }
}
