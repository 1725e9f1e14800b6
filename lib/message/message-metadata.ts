import 'reflect-metadata';
import { ancestryOf, type MessageClass } from './message-class.js';

/** What `@AsMessage` says about a message class. */
export interface MessageOptions {
  /** The stable name on the wire. @default the name of the class */
  readonly name?: string;
  /** Where messages of this class go when no route of the configuration matches. */
  readonly transport?: string | readonly string[];
  /** Former names, still accepted when decoding. */
  readonly aliases?: readonly string[];
  /**
   * Classes of the values that messages of this class hold, at any depth: the serializer restores them as instances.
   * They are registered with the message, and counted among the types it may decode.
   */
  readonly nested?: readonly MessageClass[];
  /**
   * What consoles and dashboards must not show of objects of this class: names of properties, or paths such as
   * `'card.number'`, which lead through lists; `true`: nothing of it at all. Subclasses inherit it. Handlers and transports get
   * everything as before.
   *
   * @default nothing is kept out of sight
   */
  readonly redact?: true | readonly string[];
}

const METADATA_KEY = Symbol.for('nestjs-messenger:message');

/** Records `options` on the class; called by `@AsMessage`. */
export function defineMessageMetadata(type: MessageClass, options: MessageOptions): void {
  Reflect.defineMetadata(METADATA_KEY, options, type);
}

/** What `@AsMessage` says on this very class, ancestors left out. */
export function messageMetadata(type: MessageClass): MessageOptions | undefined {
  return Reflect.getOwnMetadata(METADATA_KEY, type) as MessageOptions | undefined;
}

/** The classes that `@AsMessage` declares as nested, on this class and on its ancestors. */
export function nestedTypesOf(type: MessageClass): readonly MessageClass[] {
  return ancestryOf(type).flatMap((ancestor) => messageMetadata(ancestor)?.nested ?? []);
}

/** The wire name of a class, registered or not. */
export function messageNameOf(type: MessageClass): string {
  return messageMetadata(type)?.name ?? type.name;
}
