import { isUtf8 } from 'node:buffer';
import { inspect } from 'node:util';
import type { Envelope } from '../envelope/envelope.js';
import type { MessageRegistry } from '../message/message-registry.js';
import { isRedacted, redact, REDACTED } from '../message/redact.js';
import { shownMessageName } from '../message/shown-message-name.js';
import { UndecodableMessage } from '../message/undecodable-message.js';
import { printable } from './printable.js';

/** The most characters of a message that cannot be decoded which are shown. */
const MAX_RAW_BODY = 4000;

/**
 * The message for a person: as Node shows it, or its headers and bytes if it cannot be decoded; in each case without what
 * `@AsMessage({ redact })` keeps out of sight.
 *
 * @param types those that are known, by which the class of a message is found that cannot be decoded.
 */
export function contentText({ message }: Envelope, types: MessageRegistry): string {
  const shown = message instanceof UndecodableMessage ? rawContent(message, types) : redact(message);
  return typeof shown === 'string'
    ? shown
    : printable(inspect(shown, { depth: 8, maxArrayLength: 100, maxStringLength: MAX_RAW_BODY }));
}

/** The message for a program: its own JSON, or the headers and bytes of one that cannot be decoded; redacted alike. */
export function contentValue({ message }: Envelope, types: MessageRegistry): unknown {
  if (message instanceof UndecodableMessage) {
    return rawContent(message, types);
  }
  const shown = redact(message);
  try {
    return JSON.parse(
      JSON.stringify(shown, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)),
    );
  } catch {
    // A getter that throws.
    return inspect(shown, { depth: 8 });
  }
}

/** Where in bytes that cannot be read the hidden part is, nobody can tell, so all of them are hidden. */
function rawContent(message: UndecodableMessage, types: MessageRegistry): object {
  const { body, headers } = message.encoded;
  const type = types.typeOf(shownMessageName(message));
  if (type !== undefined && isRedacted(type)) {
    return { headers, body: REDACTED, encoding: null };
  }
  const isText = typeof body === 'string' || isUtf8(body);
  const text = typeof body === 'string' ? body : Buffer.from(body).toString(isText ? 'utf8' : 'base64');
  return { headers, body: text, encoding: isText ? 'utf8' : 'base64' };
}
