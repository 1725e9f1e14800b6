import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { UnknownOptionError } from '../errors/unknown-option.error.js';

/** How the JSON serializer works. */
export interface JsonSerializerOptions {
  /**
   * How deep lists and objects may be nested in a body or a stamp, from 1 to 1000. What is deeper is neither written
   * nor read. @default 100
   */
  readonly maxDepth?: number;
  /**
   * The most bytes of a body, and of all stamps of a message together. What is larger is neither written nor read.
   * @default 16777216 (16 MiB)
   */
  readonly maxBodySize?: number;
  /** Handed to class-transformer for classes that have its decorators; a `SerializerStamp` wins. @default none */
  readonly transform?: Readonly<Record<string, unknown>>;
}

/** {@link JsonSerializerOptions} with the defaults applied. */
export type ResolvedJsonSerializerOptions = Required<JsonSerializerOptions>;

const DEFAULTS: ResolvedJsonSerializerOptions = {
  maxDepth: 100,
  maxBodySize: 16 * 1024 * 1024,
  transform: {},
};

/** Above it the walk through a value could exhaust the stack. */
const HIGHEST_MAX_DEPTH = 1000;
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
  assertInteger('maxDepth', resolved.maxDepth, HIGHEST_MAX_DEPTH);
  assertInteger('maxBodySize', resolved.maxBodySize, Number.MAX_SAFE_INTEGER);
  return resolved;
}

function assertInteger(option: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new InvalidOptionError(
      WHERE,
      option,
      `must be a whole number from 1 to ${max}, got ${String(value)}`,
    );
  }
}
