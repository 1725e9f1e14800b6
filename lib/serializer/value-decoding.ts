import { MessageDecodingFailedError } from '../errors/message-decoding-failed.error.js';
import { UnknownMessageTypeError } from '../errors/unknown-message-type.error.js';
import { formatPath, type PathSegment } from './field-path.js';
import type { MessageClasses, TransformOptions } from './message-classes.js';
import { FORBIDDEN_KEY, REFUSED, TAG, TAG_PREFIX, TAG_READERS } from './value-tags.js';

type Fields = Record<string, unknown>;

/**
 * One walk through freshly parsed JSON, which puts the values that tags stand for in their place. It changes what it is
 * given. The depth has been checked before, so the recursion is bounded.
 */
export class ValueDecoding {
  readonly #classes: MessageClasses;
  readonly #where: string;
  readonly #transform: TransformOptions;
  /** Where the walk is. Still there after an error, which is how it learns its place. */
  readonly #path: PathSegment[] = [];

  /** @param where whose value it is, e.g. `Message "order.placed"`; begins the error's text. */
  constructor(classes: MessageClasses, where: string, transform: TransformOptions) {
    this.#classes = classes;
    this.#where = where;
    this.#transform = transform;
  }

  /**
   * Restores the fields of a message or a stamp, which cannot be a tag themselves.
   *
   * @throws MessageDecodingFailedError, and whatever a class-transformer rule throws; see {@link failure}.
   */
  run(fields: Fields): Fields {
    return this.#fields(fields, Object.keys(fields));
  }

  /** The error for this place of the walk. `reason` is a sentence. */
  failure(reason: string, cause?: unknown): MessageDecodingFailedError {
    const field = this.#path.length === 0 ? '' : `, field "${formatPath(this.#path)}"`;
    return new MessageDecodingFailedError(
      `${this.#where}${field} cannot be decoded: ${reason}`,
      cause === undefined ? undefined : { cause },
    );
  }

  #value(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) {
      return value;
    }
    return Array.isArray(value) ? this.#list(value) : this.#object(value as Fields);
  }

  #list(list: unknown[]): unknown[] {
    for (let at = 0; at < list.length; at++) {
      this.#path.push(at);
      list[at] = this.#value(list[at]);
      this.#path.pop();
    }
    return list;
  }

  #object(object: Fields): unknown {
    const keys = Object.keys(object);
    const first = keys[0];
    if (keys.includes(TAG.type)) {
      return this.#instance(object, keys);
    }
    return keys.length === 1 && first !== undefined && isTag(first)
      ? this.#tagged(first, object[first])
      : this.#fields(object, keys);
  }

  /** The fields under `keys`; in a new object if a name changes or is left out, else in place. */
  #fields(object: Fields, keys: readonly string[]): Fields {
    const isInPlace = !keys.some((key) => key.startsWith(TAG_PREFIX));
    const target: Fields = isInPlace ? object : {};
    for (const key of keys) {
      if (isInPlace && typeof object[key] !== 'object' && key !== FORBIDDEN_KEY) {
        // Most fields: plain data, where it belongs.
        continue;
      }
      this.#path.push(key);
      if (key === FORBIDDEN_KEY) {
        throw this.failure('the name could reach a prototype, and is refused.');
      }
      if (isTag(key)) {
        throw this.#unknownTag(key);
      }
      target[key.startsWith(TAG_PREFIX) ? key.slice(1) : key] = this.#value(object[key]);
      this.#path.pop();
    }
    return target;
  }

  #instance(object: Fields, keys: readonly string[]): object {
    const name = object[TAG.type];
    const type = typeof name === 'string' ? this.#classes.typeOf(name) : undefined;
    if (type === undefined) {
      throw new UnknownMessageTypeError(String(name), this.#classes.names());
    }
    const { obstacle } = this.#classes.shapeOf(type);
    if (obstacle !== undefined) {
      throw this.failure(`its class "${type.name}" ${obstacle}.`);
    }
    delete object[TAG.type];
    const fields = this.#fields(
      object,
      keys.filter((key) => key !== TAG.type),
    );
    return this.#classes.rebuild(type, fields, this.#transform);
  }

  #tagged(tag: string, payload: unknown): unknown {
    const reader = TAG_READERS.get(tag);
    if (reader === undefined) {
      throw this.#unknownTag(tag);
    }
    const value = reader.read(this.#value(payload));
    if (value === REFUSED) {
      throw this.failure(`"${tag}" must hold ${reader.expects}.`);
    }
    return value;
  }

  #unknownTag(tag: string): MessageDecodingFailedError {
    return this.failure(`"${tag}" is no tag that can stand here. A field of that name is written "$${tag}".`);
  }
}

/** Whether a key is a tag rather than the escaped name of a field. */
function isTag(key: string): boolean {
  return key.startsWith(TAG_PREFIX) && !key.startsWith(TAG_PREFIX, 1);
}
