import 'reflect-metadata';
import type { HandlerDeclaration } from '../decorator/handler-metadata.js';
import { Envelope } from '../envelope/envelope.js';
import { UnreadableHandledTypeError } from '../errors/unreadable-handled-type.error.js';
import type { HandledType } from '../handler/handler-descriptor.js';
import type { MessageClass } from '../message/message-class.js';
import { assertPattern } from '../message/message-pattern.js';

/** What the compiler writes for parameter types that are no message classes. */
const NOT_MESSAGES: ReadonlySet<unknown> = new Set<unknown>([
  Object,
  Function,
  String,
  Number,
  Boolean,
  Symbol,
  BigInt,
  Array,
  Promise,
  Envelope,
]);

const EXAMPLE = '@MessageHandler(OrderPlaced)';

/**
 * Which messages a handler handles: what its decorator names, else the type of the method's first parameter.
 *
 * @param type the class the method belongs to.
 * @throws UnreadableHandledTypeError, InvalidPatternError
 */
export function handledTypesOf(
  handlerName: string,
  { types, options, target, method }: HandlerDeclaration,
  type: NewableFunction | undefined,
): readonly HandledType[] {
  if (types !== undefined) {
    return namedTypes(handlerName, types);
  }
  if (options.batch !== undefined) {
    throw unreadable(
      handlerName,
      `a batch handler takes a "Batch", which does not tell of what. Write ${EXAMPLE} with the message class`,
    );
  }
  const parameters: unknown =
    type === undefined
      ? undefined
      : Reflect.getMetadata('design:paramtypes', type.prototype as object, method);
  if (!Array.isArray(parameters)) {
    throw unreadable(handlerName, reasonForNoMetadata(target));
  }
  return [parameterType(handlerName, parameters)];
}

function namedTypes(handlerName: string, types: readonly unknown[]): readonly HandledType[] {
  if (types.length === 0) {
    throw unreadable(handlerName, `its list of message types is empty. Write ${EXAMPLE}`);
  }
  types.forEach((type, index) => assertNamedType(handlerName, type, index));
  return types as readonly HandledType[];
}

function assertNamedType(handlerName: string, type: unknown, index: number): void {
  if (typeof type === 'string') {
    assertPattern(type, `Handler "${handlerName}"`);
  } else if (type === undefined) {
    throw unreadable(
      handlerName,
      `message type no. ${index + 1} is undefined: most likely its file and that of the handler import each other. ` +
        'Move the message class to a file of its own',
    );
  } else if (type === Object) {
    throw unreadable(handlerName, '"Object" matches no message. Write "*" to handle every message');
  } else if (!isMessageClass(type)) {
    throw unreadable(
      handlerName,
      `${nameOf(type)} is no message class. Write a class, a message name, a prefix such as "billing.*", or "*"`,
    );
  }
}

function parameterType(handlerName: string, parameters: readonly unknown[]): MessageClass {
  const [first] = parameters;
  if (parameters.length === 0) {
    throw unreadable(
      handlerName,
      `its method has no parameter to read the message type from. Write ${EXAMPLE}`,
    );
  }
  if (!isMessageClass(first)) {
    throw unreadable(
      handlerName,
      `the type of its first parameter cannot be read: at run time it is ${nameOf(first)}. That is so for an ` +
        'interface, a union, a type alias, a class imported with "import type", and one from a file that imports ' +
        `this one. Import the class without "type", or name it: ${EXAMPLE}`,
    );
  }
  return first;
}

function reasonForNoMetadata(target: 'class' | 'method'): string {
  return target === 'class'
    ? `a decorator on the class does not see the parameters of its method. Write ${EXAMPLE} with the message class, ` +
        'or put @MessageHandler() on the method'
    : 'the compiler has left no parameter types. Set "emitDecoratorMetadata" in tsconfig.json and compile with a tool ' +
        `that honours it, or name the message class: ${EXAMPLE}`;
}

function isMessageClass(type: unknown): type is MessageClass {
  return typeof type === 'function' && typeof type.prototype === 'object' && !NOT_MESSAGES.has(type);
}

function nameOf(type: unknown): string {
  return typeof type === 'function' ? `"${type.name}"` : `"${String(type)}"`;
}

function unreadable(handlerName: string, reason: string): UnreadableHandledTypeError {
  return new UnreadableHandledTypeError(handlerName, reason);
}
