import { Envelope } from '../envelope/envelope.js';
import { MessageEncodingFailedError } from '../errors/message-encoding-failed.error.js';
import { classOf, type MessageClass } from '../message/message-class.js';
import { formatPath, type PathSegment } from './field-path.js';
import type { IsoDates } from './iso-dates.js';
import type { MessageClasses, TransformOptions } from './message-classes.js';
import { FORBIDDEN_KEY, MAX_BIGINT_DIGITS, TAG, TAG_PREFIX } from './value-tags.js';

type Fields = Record<string, unknown>;

/** What every {@link ValueEncoding} of a codec has in common. */
export interface ValueEncodingSetup {
  readonly classes: MessageClasses;
  readonly maxDepth: number;
  readonly dates: IsoDates;
}

/**
 * One walk through the fields of a message or a stamp, which replaces what JSON cannot express by tags. What needs no
 * tag is returned as it is, not copied, so that plain data costs a look at each field and nothing more.
 */
export class ValueEncoding {
  readonly #setup: ValueEncodingSetup;
  readonly #messageName: string;
  readonly #subject: string;
  readonly #transform: TransformOptions;
  /** Where the walk is. Still there after an error, which is how it learns its place. */
  readonly #path: PathSegment[] = [];

  /**
   * @param messageName the message that is encoded, or to which the stamp belongs.
   * @param subject what the fields belong to, e.g. `stamp "tenant"`; empty for the message itself.
   */
  constructor(setup: ValueEncodingSetup, messageName: string, subject: string, transform: TransformOptions) {
    this.#setup = setup;
    this.#messageName = messageName;
    this.#subject = subject;
    this.#transform = transform;
  }

  /**
   * The holder's fields, ready for `JSON.stringify`.
   *
   * @param depth how many brackets are open once the holder's own is.
   * @throws MessageEncodingFailedError, and whatever a getter of the value throws; see {@link failure}.
   */
  run(holder: object, depth: number): object {
    return this.#fields(this.#dismantle(holder, classOf(holder)), depth);
  }

  /** The error for this place of the walk. `reason` completes the name of the field. */
  failure(reason: string, cause?: unknown): MessageEncodingFailedError {
    const field = this.#path.length === 0 ? '' : `field "${formatPath(this.#path)}"`;
    const place = [this.#subject, field].filter((part) => part !== '').join(', ') || 'it';
    return new MessageEncodingFailedError(
      this.#messageName,
      `${place} ${reason}`,
      cause === undefined ? undefined : { cause },
    );
  }

  #value(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        return isPlainNumber(value)
          ? value
          : this.#tag(TAG.number, Object.is(value, -0) ? '-0' : String(value), depth);
      case 'object':
        return value === null ? null : this.#object(value, depth);
      case 'undefined':
        return this.#tag(TAG.undefined, true, depth);
      case 'bigint':
        return this.#bigint(value, depth);
      default:
        throw this.failure(
          `is a ${typeof value}, which cannot travel. Leave it out, or make it a method of the class.`,
        );
    }
  }

  #object(value: object, depth: number): object {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      return this.#fields(value, depth);
    }
    if (Array.isArray(value) && (prototype === Array.prototype || value.constructor.name === 'Array')) {
      return this.#list(value, depth);
    }
    switch (prototype) {
      case Date.prototype:
        return this.#tag(TAG.date, this.#setup.dates.write(value as Date), depth);
      case Map.prototype:
        return this.#tag(TAG.map, this.#pairs(value as ReadonlyMap<unknown, unknown>, depth + 1), depth);
      case Set.prototype:
        return this.#tag(TAG.set, this.#list([...(value as ReadonlySet<unknown>)], depth + 1), depth);
      case Buffer.prototype:
        return this.#tag(TAG.buffer, base64(value as Uint8Array), depth);
      case Uint8Array.prototype:
        return this.#tag(TAG.bytes, base64(value as Uint8Array), depth);
      default:
        return this.#instance(value, depth);
    }
  }

  #fields(holder: object, depth: number): object {
    this.#enter(depth);
    const source = holder as Readonly<Fields>;
    const keys = Object.keys(source);
    let copy: Fields | undefined;
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at] as string;
      this.#path.push(key);
      const value = source[key];
      if (key === FORBIDDEN_KEY) {
        throw this.failure('has a name that could reach a prototype, and is refused.');
      }
      if (value !== undefined) {
        const encoded = this.#value(value, depth + 1);
        const name = key.startsWith(TAG_PREFIX) ? TAG_PREFIX + key : key;
        if (copy === undefined && (encoded !== value || name !== key)) {
          copy = firstOf(source, keys, at);
        }
        if (copy !== undefined) {
          copy[name] = encoded;
        }
      }
      this.#path.pop();
    }
    return copy ?? holder;
  }

  #list(list: readonly unknown[], depth: number): readonly unknown[] {
    this.#enter(depth);
    let copy: unknown[] | undefined;
    for (let at = 0; at < list.length; at++) {
      this.#path.push(at);
      const encoded = this.#value(list[at], depth + 1);
      if (copy === undefined && encoded !== list[at]) {
        copy = list.slice(0, at);
      }
      copy?.push(encoded);
      this.#path.pop();
    }
    return copy ?? list;
  }

  #pairs(map: ReadonlyMap<unknown, unknown>, depth: number): ReadonlyArray<readonly unknown[]> {
    this.#enter(depth);
    return Array.from(map, (pair, at) => {
      this.#path.push(at);
      const encoded = this.#list(pair, depth + 1);
      this.#path.pop();
      return encoded;
    });
  }

  #instance(value: object, depth: number): object {
    const type = classOf(value);
    const name = this.#setup.classes.nestedNameOf(type);
    if (name !== undefined) {
      return { [TAG.type]: name, ...this.#fields(this.#dismantle(value, type), depth) };
    }
    if (value instanceof Envelope) {
      throw this.failure('is an envelope, whose stamps cannot travel inside of a message. Send its message.');
    }
    // Without methods and accessors nothing is lost but the class, of which plain data needs nothing.
    const fields = this.#dismantle(value, type);
    if (fields === value && this.#setup.classes.shapeOf(type).hasBehaviour) {
      throw this.failure(
        `is an instance of "${type.name}", which would arrive without its methods. Send plain data, or list the class ` +
          `in "nested" of @AsMessage or in "messages" of the module to have it restored.`,
      );
    }
    return this.#fields(fields, depth);
  }

  #dismantle(instance: object, type: MessageClass): object {
    const { obstacle, transformer } = this.#setup.classes.shapeOf(type);
    if (obstacle !== undefined) {
      throw this.failure(`is an instance of "${type.name}", which ${obstacle}. Send plain data.`);
    }
    return transformer === undefined ? instance : transformer.toPlain(instance, this.#transform);
  }

  #bigint(value: bigint, depth: number): object {
    const digits = value.toString();
    if (digits.length > MAX_BIGINT_DIGITS) {
      throw this.failure(`is a bigint of more than ${MAX_BIGINT_DIGITS} digits.`);
    }
    return this.#tag(TAG.bigint, digits, depth);
  }

  #tag(tag: string, payload: unknown, depth: number): object {
    this.#enter(depth);
    return { [tag]: payload };
  }

  /** @param depth as in {@link run}, for the value that begins here: it is what the reader counts. */
  #enter(depth: number): void {
    if (depth > this.#setup.maxDepth) {
      throw this.failure(
        `is nested more than ${this.#setup.maxDepth} levels deep, or refers back to itself. Send identifiers instead of ` +
          `whole objects, or raise "maxDepth" of the serializer.`,
      );
    }
  }
}

function isPlainNumber(value: number): boolean {
  return Number.isFinite(value) && (value !== 0 || 1 / value > 0);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** A copy of the first `count` fields, which needed no tag. */
function firstOf(source: Readonly<Fields>, keys: readonly string[], count: number): Fields {
  const copy: Fields = {};
  for (let at = 0; at < count; at++) {
    const key = keys[at] as string;
    copy[key] = source[key];
  }
  return copy;
}
