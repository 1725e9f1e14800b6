import { isUtf8 } from 'node:buffer';
import { inspect } from 'node:util';
import type { Envelope } from '../envelope/envelope.js';
import { classOf } from '../message/message-class.js';
import { matchesPattern } from '../message/message-pattern.js';
import { shownMessageName } from '../message/shown-message-name.js';
import { UndecodableMessage } from '../message/undecodable-message.js';
import { printable } from './printable.js';

/** The most characters of a message that cannot be decoded which are shown. */
const MAX_RAW_BODY = 4000;

/** Whether a message is meant by `--class-filter`: a class name, a message name, or a pattern such as `billing.*`. */
export function matchesClassFilter({ message }: Envelope, filter: string | undefined): boolean {
  const wireName = shownMessageName(message);
  const className = message instanceof UndecodableMessage ? wireName : classOf(message).name;
  return filter === undefined || filter === className || matchesPattern(filter, wireName);
}

/** The message for a person: as Node shows it, or its headers and bytes if it cannot be decoded. */
export function contentText({ message }: Envelope): string {
  const shown = message instanceof UndecodableMessage ? rawContent(message) : message;
  return printable(inspect(shown, { depth: 8, maxArrayLength: 100, maxStringLength: MAX_RAW_BODY }));
}

/** The message for a program: its own JSON, or the headers and bytes of one that cannot be decoded. */
export function contentValue({ message }: Envelope): unknown {
  if (message instanceof UndecodableMessage) {
    return rawContent(message);
  }
  try {
    return JSON.parse(
      JSON.stringify(message, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)),
    );
  } catch {
    // A cycle, or a getter that throws.
    return inspect(message, { depth: 8 });
  }
}

function rawContent({ encoded: { body, headers } }: UndecodableMessage): object {
  const isText = typeof body === 'string' || isUtf8(body);
  const text = typeof body === 'string' ? body : Buffer.from(body).toString(isText ? 'utf8' : 'base64');
  return { headers, body: text, encoding: isText ? 'utf8' : 'base64' };
}
