/** A class whose instances are messages; abstract ones serve as ancestors in routes and handlers. */
export type MessageClass<T extends object = object> = abstract new (...args: never[]) => T;

/** `type` and its ancestors, nearest first, without `Object`. */
export function ancestryOf(type: MessageClass): readonly MessageClass[] {
  const ancestry: MessageClass[] = [];
  for (
    let current: unknown = type;
    typeof current === 'function' && current !== Object && current !== Function.prototype;
    current = Object.getPrototypeOf(current)
  ) {
    ancestry.push(current as MessageClass);
  }
  return ancestry;
}

/** The class of a message. An object without a class (a literal, or one without prototype) belongs to `Object`. */
export function classOf(message: object): MessageClass {
  const prototype: unknown = Object.getPrototypeOf(message);
  if (prototype === null) {
    return Object;
  }
  const type: unknown = (prototype as { constructor?: unknown }).constructor;
  return (typeof type === 'function' ? type : Object) as MessageClass;
}
