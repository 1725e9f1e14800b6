import { MessageDecodingFailedError } from './message-decoding-failed.error.js';

/** A list of hundreds, or a name as long as a body, would bury the rest of the text. */
const MAX_LISTED = 20;
const MAX_NAME_LENGTH = 200;

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
      `Message type "${shorten(typeName)}" is not known here. Known types: ${list(known)}. ` +
        `Give the class a handler, a route, an entry in "messages", or the old name as an alias with @AsMessage({ aliases }).`,
    );
  }
}

function shorten(name: string): string {
  return name.length <= MAX_NAME_LENGTH ? name : `${name.slice(0, MAX_NAME_LENGTH)}…`;
}

function list(names: readonly string[]): string {
  const listed = names.slice(0, MAX_LISTED).map((name) => `"${name}"`);
  const more = names.length - listed.length;
  return `${listed.join(', ') || 'none'}${more > 0 ? ` and ${more} more` : ''}`;
}
