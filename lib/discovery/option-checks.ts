import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { unknownOption } from '../transport/options.js';

/** Names every key of an options interface, so that the compiler notices one that is missing. */
export type OptionKeys<O> = Readonly<Record<keyof O, true>>;

/**
 * Checks that a value is an object with no other keys than these.
 *
 * @param where whose options they are, e.g. `Transport "async"`.
 * @throws InvalidOptionError, UnknownOptionError
 */
export function assertKeys(where: string, option: string, value: unknown, keys: OptionKeys<object>): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidOptionError(where, option, `must be an object, got ${kindOf(value)}`);
  }
  const known = Object.keys(keys);
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw unknownOption(where, unknown, known);
  }
}

/** @throws InvalidOptionError for anything but a number from `min` up; `undefined` passes. */
export function assertNumber(
  where: string,
  option: string,
  value: unknown,
  { min, isWhole = false }: { readonly min?: number; readonly isWhole?: boolean },
): void {
  const isInRange = typeof value === 'number' && value >= (min ?? Number.NEGATIVE_INFINITY);
  if (value !== undefined && !(isInRange && (!isWhole || Number.isInteger(value)))) {
    const kind = isWhole ? 'a whole number' : 'a number';
    const range = min === undefined ? '' : ` from ${min} up`;
    throw new InvalidOptionError(where, option, `must be ${kind}${range}, got ${shown(value)}`);
  }
}

/** @throws InvalidOptionError for anything but true and false; `undefined` passes. */
export function assertBoolean(where: string, option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') {
    throw new InvalidOptionError(where, option, `must be true or false, got ${shown(value)}`);
  }
}

/** @throws InvalidOptionError for anything but a list; `undefined` passes. */
export function assertList(where: string, option: string, value: unknown): void {
  if (value !== undefined && !Array.isArray(value)) {
    throw new InvalidOptionError(where, option, `must be a list, got ${kindOf(value)}`);
  }
}

/** What a value is, without showing it: it may hold a secret. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) {
    return String(value);
  }
  if (typeof value === 'function') {
    return value.name === '' ? 'a function' : `"${value.name}"`;
  }
  return Array.isArray(value) ? 'a list' : `a value of type "${typeof value}"`;
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? kindOf(value));
}
