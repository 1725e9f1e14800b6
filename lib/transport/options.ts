import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { nearestName } from '../errors/nearest-name.js';
import { quoted } from '../errors/quoted.js';
import { UnknownOptionError } from '../errors/unknown-option.error.js';
import type { Dsn } from './dsn.js';

/** How one option is read, from the text of a DSN query or from a value in code. Throws a text that says what it must be. */
export type OptionReader<V> = (value: unknown) => V;

/** The options of a transport: camelCase name and reader. */
export type OptionReaders<O> = { readonly [K in keyof O]-?: OptionReader<O[K]> };

/**
 * Reads a transport's options from the DSN's query (snake_case) and from `options` (camelCase or snake_case), the latter
 * winning, over the defaults.
 *
 * @throws UnknownOptionError for a key without a reader; InvalidOptionError for a value its reader refuses.
 */
export function resolveOptions<O extends object>(
  transportName: string,
  dsn: Pick<Dsn, 'query'>,
  options: Readonly<Record<string, unknown>>,
  readers: OptionReaders<O>,
  defaults: O,
): O {
  const where = `Transport "${transportName}"`;
  const resolved = { ...defaults } as Record<string, unknown>;
  for (const [key, value] of [...dsn.query, ...Object.entries(options)]) {
    if (value === undefined) {
      continue;
    }
    const name = toCamelCase(key);
    if (!Object.hasOwn(readers, name)) {
      throw unknownOption(where, key, Object.keys(readers));
    }
    try {
      resolved[name] = readers[name as keyof O](value);
    } catch (error) {
      throw new InvalidOptionError(where, key, (error as Error).message);
    }
  }
  return resolved as O;
}

/** An {@link UnknownOptionError} that proposes the known option nearest to `option`, if one is near. */
export function unknownOption(where: string, option: string, known: readonly string[]): UnknownOptionError {
  return new UnknownOptionError(where, option, known, nearestName(toCamelCase(option), known));
}

export function toCamelCase(key: string): string {
  return key.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Readers for the usual kinds of option. The texts complete `option "x" …`. */
export const read = {
  text: (value: unknown): string => {
    if (typeof value !== 'string' || value === '') {
      throw refused('must be a text that is not empty', value);
    }
    return value;
  },

  boolean: (value: unknown): boolean => {
    const text = String(value).toLowerCase();
    if (['true', '1', 'yes', 'on'].includes(text)) {
      return true;
    }
    if (['false', '0', 'no', 'off'].includes(text)) {
      return false;
    }
    throw refused('must be true or false', value);
  },

  /** A number from `min` to `max`. */
  number:
    (min: number, max: number = Number.MAX_SAFE_INTEGER): OptionReader<number> =>
    (value) => {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (typeof number !== 'number' || !(number >= min && number <= max)) {
        throw refused(
          `must be a number from ${min}${max === Number.MAX_SAFE_INTEGER ? ' up' : ` to ${max}`}`,
          value,
        );
      }
      return number;
    },

  /** A whole number from `min` to `max`. */
  integer:
    (min: number, max: number = Number.MAX_SAFE_INTEGER): OptionReader<number> =>
    (value) => {
      const number = read.number(min, max)(value);
      if (!Number.isInteger(number)) {
        throw refused('must be a whole number', value);
      }
      return number;
    },

  oneOf:
    <V extends string>(...values: readonly V[]): OptionReader<V> =>
    (value) => {
      const found = values.find((candidate) => candidate === String(value).toLowerCase());
      if (found === undefined) {
        throw refused(`must be one of ${quoted(values)}`, value);
      }
      return found;
    },
} as const;

/** What a reader throws: `rule` completes `option "x" …`. {@link resolveOptions} makes an InvalidOptionError of it. */
export function refusal(rule: string): RangeError {
  return new RangeError(rule);
}

function refused(rule: string, value: unknown): RangeError {
  return refusal(`${rule}, got ${typeof value === 'string' ? `"${value}"` : String(value)}`);
}
