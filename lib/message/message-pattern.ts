import { InvalidPatternError } from '../errors/invalid-pattern.error.js';

/** Whether `key` is a pattern on message names, rather than a plain name. */
export function isPattern(key: string): boolean {
  return key.endsWith('*');
}

/**
 * Checks a message name or pattern as written in a route or a handler: `*`, a prefix such as `billing.*`, or a name.
 *
 * @param where who uses it, named in the error.
 * @throws InvalidPatternError for an empty text, or a `*` anywhere but at the end.
 */
export function assertPattern(pattern: string, where?: string): void {
  const star = pattern.indexOf('*');
  if (pattern.length === 0 || (star !== -1 && star !== pattern.length - 1)) {
    throw new InvalidPatternError(pattern, where);
  }
}

/** Whether the message name `name` is meant by `pattern`. */
export function matchesPattern(pattern: string, name: string): boolean {
  return isPattern(pattern) ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/** Orders patterns from the most to the least specific: names, then longer prefixes, `*` last. */
export function bySpecificity(a: string, b: string): number {
  return Number(isPattern(a)) - Number(isPattern(b)) || b.length - a.length;
}
