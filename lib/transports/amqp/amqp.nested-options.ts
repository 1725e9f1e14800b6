import { InvalidOptionError } from '../../errors/invalid-option.error.js';
import { nearestName } from '../../errors/nearest-name.js';
import { UnknownOptionError } from '../../errors/unknown-option.error.js';
import { type OptionReaders, refusal, toCamelCase } from '../../transport/options.js';

/** An object of options inside the options of a transport. */
export interface NestedPlace {
  /** Whose options they are: `Transport "async"`. */
  readonly where: string;
  /** Under which option, as a DSN writes it: `queues[orders]`. */
  readonly path: string;
}

/** An option of `place`, as a DSN writes it. */
export function pathIn(place: NestedPlace, key: string): string {
  return `${place.path}[${key}]`;
}

/** Those below the key `key` of `place`. */
export function placeIn(place: NestedPlace, key: string): NestedPlace {
  return { where: place.where, path: pathIn(place, key) };
}

/**
 * What `value`, the object of options at `place`, says: names in either case, absent ones left out.
 *
 * @throws UnknownOptionError for a key without a reader; InvalidOptionError for a value its reader refuses, or if `value` is no
 * object.
 */
export function readNested<O extends object>(
  place: NestedPlace,
  value: unknown,
  readers: OptionReaders<O>,
): Partial<O> {
  if (!isRecord(value)) {
    const reason = `must be an object; in a DSN, write "${place.path}[${exampleOf(readers)}]=…" and the like`;
    throw new InvalidOptionError(place.where, place.path, reason);
  }
  const known = Object.keys(readers);
  const said = Object.entries(value).filter(([, one]) => one !== undefined && one !== null);
  const read = said.map(([key, one]): [string, unknown] => {
    const name = toCamelCase(key);
    if (!Object.hasOwn(readers, name)) {
      throw new UnknownOptionError(place.where, pathIn(place, key), known, nearestName(name, known));
    }
    return [name, readAt(place, key, () => readers[name as keyof O](one))];
  });
  return Object.fromEntries(read) as Partial<O>;
}

/** Runs `action`, whose error texts complete `option "x" …`. */
export function readAt<V>(place: NestedPlace, key: string, action: () => V): V {
  try {
    return action();
  } catch (error) {
    throw new InvalidOptionError(place.where, pathIn(place, key), (error as Error).message);
  }
}

/** A reader of objects with any keys. */
export function readRecord(value: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) {
    throw refusal('must be an object');
  }
  return value;
}

/** Whether `value` is an object with keys: no list, and no bytes. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
}

function exampleOf(readers: object): string {
  return (Object.keys(readers)[0] ?? '').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
