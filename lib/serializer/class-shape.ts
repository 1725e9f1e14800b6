import { ancestryOf, type MessageClass } from '../message/message-class.js';

/** What a class says about its instances, as far as taking them apart and putting them together again goes. */
export interface ClassShape {
  readonly prototype: object;
  /** The names of its methods, getters and setters, inherited ones included. They are behaviour, never data. */
  readonly members: ReadonlySet<string>;
  /** Whether there are any members, those under a symbol included. */
  readonly hasBehaviour: boolean;
  /** Why its instances cannot be rebuilt from their fields; completes "its class …". */
  readonly obstacle: string | undefined;
}

/** Reads the shape of a class. The caller keeps it: it does not change. */
export function inspectClass(type: MessageClass): ClassShape {
  const prototype = type.prototype as object;
  const prototypes = isRootObject(prototype)
    ? []
    : ancestryOf(type).map((ancestor) => ancestor.prototype as object);
  const members = new Set(prototypes.flatMap(memberNames));
  return {
    prototype,
    members,
    hasBehaviour: members.size > 0 || prototypes.some((own) => Object.getOwnPropertySymbols(own).length > 0),
    obstacle: obstacleOf(type, members),
  };
}

/**
 * An instance with these fields, made without calling the constructor: what the constructor did was done when the
 * message was made. A field that bears the name of a method or an accessor is left out, so that it cannot hide it.
 */
export function instantiate(shape: ClassShape, fields: Readonly<Record<string, unknown>>): object {
  const instance = Object.create(shape.prototype) as Record<string, unknown>;
  for (const key of Object.keys(fields)) {
    if (!shape.members.has(key)) {
      instance[key] = fields[key];
    }
  }
  return instance;
}

function memberNames(prototype: object): readonly string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(
      ([name, { value }]) => name !== 'constructor' && (value === undefined || typeof value === 'function'),
    )
    .map(([name]) => name);
}

function obstacleOf(type: MessageClass, members: ReadonlySet<string>): string | undefined {
  const builtIn = ancestryOf(type).find(isBuiltIn);
  if (builtIn !== undefined) {
    return builtIn === type
      ? 'is a built-in class whose inner state is no field'
      : `extends the built-in class "${builtIn.name}", whose inner state is no field`;
  }
  return members.has('toJSON')
    ? 'has a method toJSON(), from whose result it could not be restored'
    : undefined;
}

function isBuiltIn(type: MessageClass): boolean {
  return Object.hasOwn(globalThis, type.name) && (globalThis as Record<string, unknown>)[type.name] === type;
}

/** `Object.prototype`, also that of another realm (`node:vm`, some test runners), whose functions are not ours. */
function isRootObject(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}
