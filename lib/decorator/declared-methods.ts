import 'reflect-metadata';

/** What a decorator says about one method of a class. */
export interface MethodDeclaration {
  readonly method: string | symbol;
}

/**
 * Adds a declaration to a class. Decorators on one method, or on one class, run from the last to the first, so a
 * declaration goes before those that stand on the same: in the end they are in the order of writing.
 *
 * @param standsOnSame whether an earlier declaration stands where this one does.
 */
export function declareMethod<D extends MethodDeclaration>(
  key: symbol,
  type: object,
  declaration: D,
  standsOnSame: (earlier: D) => boolean = ({ method }) => method === declaration.method,
): void {
  const declared = ownDeclarations<D>(key, type);
  const beside = declared.findIndex(standsOnSame);
  const index = beside === -1 ? declared.length : beside;
  Reflect.defineMetadata(key, declared.toSpliced(index, 0, declaration), type);
}

/** What was declared on this very class, ancestors left out. */
export function ownDeclarations<D extends MethodDeclaration>(key: symbol, type: object): readonly D[] {
  return (Reflect.getOwnMetadata(key, type) as readonly D[] | undefined) ?? [];
}

/**
 * What was declared on the methods a class has: its own, and those it inherits. A declaration belongs to the method it
 * stands on, so a subclass that overrides the method leaves it behind, and decorates its own if it wants one.
 */
export function inheritedDeclarations<D extends MethodDeclaration>(key: symbol, type: object): readonly D[] {
  const overridden = new Set<PropertyKey>();
  const found: D[] = [];
  for (const ancestor of classesOf(type)) {
    found.push(...ownDeclarations<D>(key, ancestor).filter(({ method }) => !overridden.has(method)));
    Reflect.ownKeys(ancestor.prototype as object).forEach((name) => overridden.add(name));
  }
  return found;
}

/** A class and its ancestors, nearest first. */
function classesOf(type: object): readonly NewableFunction[] {
  const classes: NewableFunction[] = [];
  for (let current: unknown = type; isClass(current); current = Object.getPrototypeOf(current)) {
    classes.push(current);
  }
  return classes;
}

/** `Function.prototype`, where the line of ancestors ends, is a function without a prototype of its own. */
function isClass(value: unknown): value is NewableFunction {
  return typeof value === 'function' && typeof value.prototype === 'object';
}
