import { InvalidOptionError } from '../../errors/invalid-option.error.js';
import { type OptionReader, read, refusal } from '../../transport/options.js';
import { isRecord, type NestedPlace, pathIn, readRecord } from './amqp.nested-options.js';

/** The bits of the option `flags`, as the PHP extension amqp numbers them. */
const FLAGS = { durable: 2, passive: 4, exclusive: 8, autoDelete: 16, internal: 32 } as const;

export type Flag = keyof typeof FLAGS;

/** What is said of flags: by number, or each by its name. */
export type SaidFlags = Partial<Readonly<Record<Flag, boolean>>> & { readonly flags?: number };

/** Arguments whose value RabbitMQ wants as a number, whereas a DSN has only texts. */
const INTEGER_ARGUMENTS: readonly string[] = [
  'x-consumer-timeout',
  'x-delay',
  'x-delayed-retry-max',
  'x-delayed-retry-min',
  'x-expires',
  'x-initial-cluster-size',
  'x-max-in-memory-bytes',
  'x-max-in-memory-length',
  'x-max-length',
  'x-max-length-bytes',
  'x-max-priority',
  'x-message-ttl',
  'x-quorum-initial-group-size',
  'x-quorum-target-group-size',
  'x-stream-max-segment-size-bytes',
];

/** Of these, -1 says that there is no limit. */
const LIMIT_ARGUMENTS: readonly string[] = ['x-delivery-limit'];

/** Arguments whose value RabbitMQ wants as true or false. */
const BOOLEAN_ARGUMENTS: readonly string[] = ['x-message-deduplication', 'x-single-active-consumer'];

/** The names of exchanges and queues have at most so many bytes. */
const MAX_NAME_BYTES = 255;

/** `flags` as Symfony writes them; only `allowed` ones. */
export function readFlags(allowed: readonly Flag[]): OptionReader<number> {
  const mask = allowed.reduce((sum, flag) => sum | FLAGS[flag], 0);
  const known = allowed.map((flag) => `${FLAGS[flag]} (${flag})`).join(', ');
  return (value) => {
    const flags = read.integer(0)(value);
    if ((flags & ~mask) !== 0) {
      throw refusal(`must be a sum of ${known}, got ${flags}`);
    }
    return flags;
  };
}

/**
 * Each of `names`: by the number, by its own name, or by default, which is durable and nothing else.
 *
 * @throws InvalidOptionError if there are both a number and a name.
 */
export function resolveFlags<F extends Flag>(
  place: NestedPlace,
  said: SaidFlags,
  names: readonly F[],
): Record<F, boolean> {
  const { flags } = said;
  const named = names.find((name) => said[name] !== undefined);
  if (flags !== undefined && named !== undefined) {
    const reason = `says what "${named}" says too; give either the number or the names`;
    throw new InvalidOptionError(place.where, pathIn(place, 'flags'), reason);
  }
  const resolved = names.map((name) => [
    name,
    flags === undefined ? (said[name] ?? name === 'durable') : (flags & FLAGS[name]) !== 0,
  ]);
  return Object.fromEntries(resolved) as Record<F, boolean>;
}

/** Arguments of a queue or an exchange, those that are no texts being made what they are. */
export function readArguments(value: unknown): Readonly<Record<string, unknown>> {
  const entries = Object.entries(readRecord(value)).filter(([, one]) => one !== undefined && one !== null);
  return Object.fromEntries(entries.map(([name, one]) => [name, readArgument(name, one)]));
}

function readArgument(name: string, value: unknown): unknown {
  try {
    return readerOf(name)?.(value) ?? value;
  } catch (error) {
    throw refusal(`has "${name}", which ${(error as Error).message}`);
  }
}

function readerOf(name: string): OptionReader<unknown> | undefined {
  if (INTEGER_ARGUMENTS.includes(name)) {
    return read.integer(0);
  }
  if (LIMIT_ARGUMENTS.includes(name)) {
    return read.integer(-1);
  }
  return BOOLEAN_ARGUMENTS.includes(name) ? read.boolean : undefined;
}

/** One text, or a list of them, which a DSN writes as an object. `null` is how PHP writes an empty key. */
export function readKeys(value: unknown): readonly string[] {
  const keys: readonly unknown[] = Array.isArray(value)
    ? value
    : isRecord(value)
      ? Object.values(value)
      : [value];
  return keys.map((key) => {
    if (key !== null && typeof key !== 'string' && typeof key !== 'number') {
      throw refusal('must be a text, or a list of texts');
    }
    return key === null ? '' : String(key);
  });
}

/** Any text, an empty one too. */
export function readAnyText(value: unknown): string {
  if (typeof value !== 'string') {
    throw refusal('must be a text');
  }
  return value;
}

/** The name of an exchange or a queue. An empty one is left to the caller. */
export function readAmqpName(value: unknown): string {
  const name = readAnyText(value);
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
    throw refusal(`must have at most ${MAX_NAME_BYTES} bytes, got ${Buffer.byteLength(name)}`);
  }
  return name;
}
