/**
 * How a value without a form in JSON is written: as an object with this one key. Other languages can read the tags, and
 * a field of the user's own that begins with `$` gets a second one, so that nothing is ambiguous.
 */
export const TAG = {
  /** ISO 8601; written in UTC with milliseconds; `null` for an invalid date. */
  date: '$date',
  /** Decimal digits. */
  bigint: '$bigint',
  /** `NaN`, `Infinity`, `-Infinity` or `-0`. */
  number: '$number',
  /** `true`, for `undefined` in a list, a `Map` or a `Set`. A field that is undefined is left out. */
  undefined: '$undefined',
  /** A list of pairs. */
  map: '$map',
  /** A list. */
  set: '$set',
  /** A `Uint8Array` in base64. */
  bytes: '$bytes',
  /** A `Buffer` in base64. */
  buffer: '$buffer',
  /** The wire name of a class, beside the fields of its instance. The only tag that is not alone in its object. */
  type: '$type',
} as const;

/** `$`, with which tags begin, and by which fields that begin with it are escaped. */
export const TAG_PREFIX = '$';

/** The one key that would reach a prototype when a field is assigned. */
export const FORBIDDEN_KEY = '__proto__';

/** More digits are no number anybody sends, and the time to read them grows faster than their count. */
export const MAX_BIGINT_DIGITS = 10_000;

/** What a tag's reader answers to a payload that does not belong there. `undefined` would be a value. */
export const REFUSED = Symbol('refused');

interface TagReader {
  /** What the tag must hold, for the error. */
  readonly expects: string;
  /** The value for a payload in which the inner tags are restored already, or {@link REFUSED}. */
  read(payload: unknown): unknown;
}

const ISO_DATE = /^(?:\d{4}|[+-]\d{6})-\d\d-\d\d(?:T|$)/;
const DIGITS = /^-?\d+$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const SPECIAL_NUMBERS: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
]);

/** How each tag is read, but for `$type`. */
export const TAG_READERS: ReadonlyMap<string, TagReader> = new Map<string, TagReader>([
  [TAG.date, { expects: 'a date in ISO 8601, or null', read: readDate }],
  [TAG.bigint, { expects: `up to ${MAX_BIGINT_DIGITS} digits in a text`, read: readBigint }],
  [
    TAG.number,
    {
      expects: '"NaN", "Infinity", "-Infinity" or "-0"',
      read: (payload) => SPECIAL_NUMBERS.get(payload) ?? REFUSED,
    },
  ],
  [TAG.undefined, { expects: 'true', read: (payload) => (payload === true ? undefined : REFUSED) }],
  [TAG.map, { expects: 'a list of pairs', read: readMap }],
  [TAG.set, { expects: 'a list', read: (payload) => (Array.isArray(payload) ? new Set(payload) : REFUSED) }],
  [TAG.buffer, { expects: 'base64', read: (payload) => readBytes(payload) ?? REFUSED }],
  [TAG.bytes, { expects: 'base64', read: readPlainBytes }],
]);

function readDate(payload: unknown): Date | typeof REFUSED {
  if (payload === null) {
    return new Date(Number.NaN);
  }
  const date = new Date(typeof payload === 'string' && ISO_DATE.test(payload) ? payload : Number.NaN);
  return Number.isNaN(date.getTime()) ? REFUSED : date;
}

function readBigint(payload: unknown): bigint | typeof REFUSED {
  const isReadable =
    typeof payload === 'string' && payload.length <= MAX_BIGINT_DIGITS && DIGITS.test(payload);
  return isReadable ? BigInt(payload) : REFUSED;
}

function readMap(payload: unknown): ReadonlyMap<unknown, unknown> | typeof REFUSED {
  const isPairs =
    Array.isArray(payload) &&
    payload.every(
      (pair: unknown): pair is readonly [unknown, unknown] => Array.isArray(pair) && pair.length === 2,
    );
  return isPairs ? new Map(payload) : REFUSED;
}

function readPlainBytes(payload: unknown): Uint8Array | typeof REFUSED {
  const buffer = readBytes(payload);
  return buffer === undefined ? REFUSED : new Uint8Array(buffer);
}

/** Node passes over characters that are no base64; here they are an error, as is a missing padding. */
function readBytes(payload: unknown): Buffer | undefined {
  return typeof payload === 'string' && payload.length % 4 === 0 && BASE64.test(payload)
    ? Buffer.from(payload, 'base64')
    : undefined;
}
