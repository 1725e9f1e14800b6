import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { unknownOption } from '../transport/options.js';

/** Names every key of an options interface, so that the compiler notices one that is missing. */
export type OptionKeys<O> = Readonly<Record<keyof O, true>>;

/** Follows a text about a class that is `undefined`. */
export const IMPORT_CYCLE_HINT =
  '. Most likely its file and this one import each other: move the class to a file of its own';

/**
 * Checks that a value is an object with no other keys than these.
 *
 * @param where whose options they are, e.g. `Transport "async"`.
 * @throws InvalidOptionError, UnknownOptionError
 */
export function assertKeys(where: string, option: string, value: unknown, keys: OptionKeys<object>): void {
  assertObject(where, option, value);
  const known = Object.keys(keys);
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw unknownOption(where, unknown, known);
  }
}

/** @throws InvalidOptionError for anything but an object with options. */
export function assertObject(where: string, option: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidOptionError(where, option, `must be an object, got ${kindOf(value)}`);
  }
}

/** The longest time, in milliseconds, that a timer of Node.js can wait: one that is told more fires at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What a number may be. */
export interface NumberRule {
  readonly min?: number;
  readonly max?: number;
  readonly isWhole?: boolean;
}

/** @throws InvalidOptionError for anything but a number from `min` to `max`; `undefined` passes. */
export function assertNumber(where: string, option: string, value: unknown, rule: NumberRule): void {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, isWhole = false } = rule;
  const isInRange = typeof value === 'number' && value >= min && value <= max;
  if (value !== undefined && !(isInRange && (!isWhole || Number.isInteger(value)))) {
    const kind = isWhole ? 'a whole number' : 'a number';
    throw new InvalidOptionError(where, option, `must be ${kind}${rangeText(rule)}, got ${shown(value)}`);
  }
}

function rangeText({ min, max }: NumberRule): string {
  const end = max === undefined ? 'up' : `to ${max}`;
  return min === undefined ? '' : ` from ${min} ${end}`;
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
