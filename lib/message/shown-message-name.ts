import { classOf } from './message-class.js';
import { messageNameOf } from './message-metadata.js';
import { UndecodableMessage } from './undecodable-message.js';

/** The name of a message for logs and consoles: its wire name; of one that cannot be decoded the `type` it claims to have. */
export function shownMessageName(message: object): string {
  return message instanceof UndecodableMessage
    ? (message.encoded.headers['type'] ?? 'unknown')
    : messageNameOf(classOf(message));
}
