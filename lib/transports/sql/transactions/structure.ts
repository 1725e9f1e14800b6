/** Whether `value` is an object, or a function, all of whose `methods` are functions. */
export function hasMethods<Name extends string>(
  value: unknown,
  ...methods: readonly Name[]
): value is Record<Name, (...args: never[]) => unknown> {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isObject && methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
}

/** The property of that name, whatever `value` is. */
export function propertyOf(value: unknown, name: string): unknown {
  return value === null || value === undefined ? undefined : (value as Record<string, unknown>)[name];
}
