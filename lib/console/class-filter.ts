import type { Envelope } from '../envelope/envelope.js';
import { classOf } from '../message/message-class.js';
import { matchesPattern } from '../message/message-pattern.js';
import { shownMessageName } from '../message/shown-message-name.js';
import { UndecodableMessage } from '../message/undecodable-message.js';

/** Whether a message is meant by `--class-filter`: a class name, a message name, or a pattern such as `billing.*`. */
export function matchesClassFilter({ message }: Envelope, filter: string | undefined): boolean {
  const wireName = shownMessageName(message);
  const className = message instanceof UndecodableMessage ? wireName : classOf(message).name;
  return filter === undefined || namesClass(filter, className, wireName);
}

/** @param wireName what the class is called on the wire. */
export function namesClass(filter: string, className: string, wireName: string): boolean {
  return filter === className || matchesPattern(filter, wireName);
}
