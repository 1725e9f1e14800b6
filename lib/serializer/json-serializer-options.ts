import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { UnknownOptionError } from '../errors/unknown-option.error.js';

/** How the JSON serializer works. */
export interface JsonSerializerOptions {
  /**
   * How deep lists and objects may be nested in a body or a stamp, from 16 to 1000: the history of a failed message
   * must find room. What is deeper is neither written nor read. @default 100
   */
  readonly maxDepth?: number;
  /**
   * The most bytes of a body, from 1. What is larger is neither written nor read. @default 16777216 (16 MiB)
   */
  readonly maxBodySize?: number;
  /**
   * The most characters of all stamps of a message together, from 65536: the history of a failed message must find
   * room. What is larger is neither written nor read. @default 1048576 (1 MiB)
   */
  readonly maxStampsSize?: number;
  /** Handed to class-transformer for classes that have its decorators; a `SerializerStamp` wins. @default none */
  readonly transform?: Readonly<Record<string, unknown>>;
}

/** {@link JsonSerializerOptions} with the defaults applied. */
export type ResolvedJsonSerializerOptions = Required<JsonSerializerOptions>;

const DEFAULTS: ResolvedJsonSerializerOptions = {
  maxDepth: 100,
  maxBodySize: 16 * 1024 * 1024,
  maxStampsSize: 1024 * 1024,
  transform: {},
};

/** Above it the walk through a value could exhaust the stack. */
const HIGHEST_MAX_DEPTH = 1000;
/** Below these the stamps of a message that failed several times could keep it from being stored again. */
const LOWEST_MAX_DEPTH = 16;
const LOWEST_MAX_STAMPS_SIZE = 64 * 1024;
const WHERE = 'JSON serializer';

/**
 * Applies the defaults.
 *
 * @throws UnknownOptionError for an option that does not exist; InvalidOptionError for a limit out of range.
 */
export function resolveJsonSerializerOptions(
  options: JsonSerializerOptions = {},
): ResolvedJsonSerializerOptions {
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(DEFAULTS, key));
  if (unknown !== undefined) {
    throw new UnknownOptionError(WHERE, unknown, Object.keys(DEFAULTS));
  }
  const resolved = { ...DEFAULTS, ...options };
  assertInteger('maxDepth', resolved.maxDepth, LOWEST_MAX_DEPTH, HIGHEST_MAX_DEPTH);
  assertInteger('maxBodySize', resolved.maxBodySize, 1);
  assertInteger('maxStampsSize', resolved.maxStampsSize, LOWEST_MAX_STAMPS_SIZE);
  return resolved;
}

function assertInteger(
  option: string,
  value: number,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    const rule = `must be a whole number from ${min} to ${max}, got ${String(value)}`;
    throw new InvalidOptionError(WHERE, option, rule);
  }
}
