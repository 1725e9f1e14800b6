import type { MessageClass } from '../message/message-class.js';
import {
  declareMethod,
  inheritedDeclarations,
  type MethodDeclaration,
  ownDeclarations,
} from './declared-methods.js';

/** What a handler handles: message classes, message names, prefixes such as `'billing.*'`, or `'*'` for every message. */
export type HandledTypes = MessageClass | string | ReadonlyArray<MessageClass | string>;

/** The conditions under which a handler runs. */
export interface MessageHandlerOptions {
  /** Only on this bus. @default every bus */
  readonly bus?: string;
  /** Only for messages received from this transport; a message handled where it was dispatched is not filtered. @default any */
  readonly fromTransport?: string;
  /** Handlers of one message type run in descending order of priority. @default 0 */
  readonly priority?: number;
  /** The method that handles; only where the decorator stands on a class. @default 'handle' */
  readonly method?: string;
  /**
   * Takes a `Batch` of messages instead of one: `size` messages (default 10), or fewer once none has come for
   * `idleTimeout` milliseconds (default 500).
   */
  readonly batch?: { readonly size?: number; readonly idleTimeout?: number };
  /** Milliseconds after which the handler has failed and its signal is aborted. @default none */
  readonly timeout?: number;
  /**
   * Handles each message once, however often it is delivered: the handler runs in a transaction, `context.transaction`, that
   * also records that it has handled the message. Needs a transport with an `inbox`. @default false
   */
  readonly idempotent?: boolean;
  /**
   * Signs messages of its types, and of their subclasses, on every transport, and refuses them without a signature. Needs
   * `signing` of the module. @default false
   */
  readonly sign?: boolean;
  /**
   * Identifies the handler in the application, in logs and on the messages that are retried. For two handler classes that
   * have the same name. @default 'Class.method'
   */
  readonly name?: string;
}

/** One `@MessageHandler`, as it was written; it is checked when the application boots. */
export interface HandlerDeclaration extends MethodDeclaration {
  readonly target: 'class' | 'method';
  /** What it says it handles, unchecked; `undefined` if the type is to be read from the method's first parameter. */
  readonly types: readonly unknown[] | undefined;
  readonly options: Readonly<Record<string, unknown>> & MessageHandlerOptions;
}

const CLASS_KEY = Symbol.for('nestjs-messenger:handler-class');
const METHOD_KEY = Symbol.for('nestjs-messenger:handler-methods');

/** Records a declaration on a class. */
export function declareHandler(type: object, declaration: HandlerDeclaration): void {
  if (declaration.target === 'class') {
    declareMethod(CLASS_KEY, type, declaration, () => true);
  } else {
    declareMethod(METHOD_KEY, type, declaration);
  }
}

/**
 * The handlers of a class. What stands on the class holds for that class only; what stands on a method holds for every
 * class that has this method, by inheritance too.
 */
export function handlerDeclarations(type: object): readonly HandlerDeclaration[] {
  return [
    ...ownDeclarations<HandlerDeclaration>(CLASS_KEY, type),
    ...inheritedDeclarations<HandlerDeclaration>(METHOD_KEY, type),
  ];
}
