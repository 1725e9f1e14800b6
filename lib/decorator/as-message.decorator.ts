import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { UnknownOptionError } from '../errors/unknown-option.error.js';
import type { MessageClass } from '../message/message-class.js';
import { defineMessageMetadata, type MessageOptions } from '../message/message-metadata.js';

const KNOWN_OPTIONS: Readonly<Record<keyof MessageOptions, true>> = {
  name: true,
  transport: true,
  aliases: true,
  nested: true,
  redact: true,
};

/**
 * Fixes what a message class is called on the wire and where its messages go by default. Optional: a class without it
 * travels under its own name, and goes where the routing says.
 *
 * @example
 * ```ts
 * @AsMessage({ name: 'order.placed', transport: 'async' })
 * export class OrderPlaced {
 *   constructor(readonly orderId: number, readonly placedAt: Date) {}
 * }
 * ```
 *
 * @throws InvalidOptionError for a name or alias that is empty or holds a `*`, and for a `redact` that names nothing.
 * @throws UnknownOptionError for an option that does not exist.
 */
export function AsMessage(options: MessageOptions = {}): (type: MessageClass) => void {
  return (type) => {
    assertOptions(`@AsMessage of class "${type.name}"`, options);
    defineMessageMetadata(type, options);
  };
}

function assertOptions(where: string, options: MessageOptions): void {
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(KNOWN_OPTIONS, key));
  if (unknown !== undefined) {
    throw new UnknownOptionError(where, unknown, Object.keys(KNOWN_OPTIONS));
  }
  assertName(where, 'name', options.name);
  options.aliases?.forEach((alias) => assertName(where, 'aliases', alias));
  assertRedact(where, options.redact);
}

/** A mistake in here would show what nobody shall see. */
function assertRedact(where: string, redact: unknown): void {
  const isList = Array.isArray(redact) && redact.length > 0 && redact.every(isPath);
  if (redact !== undefined && redact !== true && !isList) {
    throw new InvalidOptionError(
      where,
      'redact',
      `must be true or a list of property names or paths such as "card.number", got ${JSON.stringify(redact)}`,
    );
  }
}

function isPath(path: unknown): boolean {
  return typeof path === 'string' && path.split('.').every((name) => name !== '');
}

/** A `*` would make a name look like a pattern in a route or a handler. */
function assertName(where: string, option: string, name: string | undefined): void {
  if (name === '' || name?.includes('*')) {
    throw new InvalidOptionError(
      where,
      option,
      `must be a text that is not empty and has no "*", got "${name}"`,
    );
  }
}
