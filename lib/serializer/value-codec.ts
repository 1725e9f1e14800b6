import { MessageDecodingFailedError } from '../errors/message-decoding-failed.error.js';
import { MessageEncodingFailedError } from '../errors/message-encoding-failed.error.js';
import type { MessageClass } from '../message/message-class.js';
import type { ResolvedJsonSerializerOptions } from './json-serializer-options.js';
import { parseJson } from './json-text.js';
import { IsoDates } from './iso-dates.js';
import type { MessageClasses, TransformOptions } from './message-classes.js';
import { FORBIDDEN_KEY, TAG_PREFIX } from './value-tags.js';
import { ValueDecoding } from './value-decoding.js';
import { ValueEncoding, type ValueEncodingSetup } from './value-encoding.js';

/** A stamp stands in a list, and that in an object when it is quarantined: the reader counts their brackets, too. */
const STAMP_DEPTH = 3;

/** The fields of a message or a stamp. */
export type Fields = Record<string, unknown>;

/** Turns the fields of messages and stamps into JSON and back, by one set of rules; see `docs/serializer.md`. */
export class ValueCodec {
  readonly #classes: MessageClasses;
  readonly #maxDepth: number;
  readonly #transform: TransformOptions;
  readonly #encodingSetup: ValueEncodingSetup;

  constructor(classes: MessageClasses, options: ResolvedJsonSerializerOptions) {
    this.#classes = classes;
    this.#maxDepth = options.maxDepth;
    this.#transform = options.transform;
    this.#encodingSetup = { classes, maxDepth: options.maxDepth, dates: new IsoDates() };
  }

  /**
   * The fields of a message as a JSON object.
   *
   * @param transform options of this message for class-transformer, over the serializer's own.
   * @throws MessageEncodingFailedError when something in it cannot be represented.
   */
  writeMessage(message: object, name: string, transform?: TransformOptions): string {
    return this.#write(message, 1, this.#encoding(name, '', this.#merged(transform)));
  }

  /**
   * The fields of a stamp as a JSON object.
   *
   * @param messageName the message that it belongs to.
   * @throws MessageEncodingFailedError when something in it cannot be represented.
   */
  writeStamp(stamp: object, name: string, messageName: string): string {
    return this.#write(stamp, STAMP_DEPTH, this.#encoding(messageName, `stamp "${name}"`, this.#transform));
  }

  /**
   * Parses text within the limits, without looking at tags yet.
   *
   * @param where whose text it is, e.g. `Message "order.placed"`; begins the error's text.
   * @throws MessageDecodingFailedError
   */
  parse(text: string, where: string): unknown {
    return parseJson(text, this.#maxDepth, where);
  }

  /** Whether a text may hold tags or a forbidden key, written with or without escapes; if not, the walk is spared. */
  needsWalk(text: string): boolean {
    return text.includes(TAG_PREFIX) || text.includes(FORBIDDEN_KEY) || text.includes(String.raw`\u00`);
  }

  /**
   * An instance of the class, made of a parsed JSON object.
   *
   * @param walk whether there may be tags, see {@link needsWalk}.
   * @throws MessageDecodingFailedError
   */
  read(
    type: MessageClass,
    parsed: Fields,
    where: string,
    walk: boolean,
    transform?: TransformOptions,
  ): object {
    const options = this.#merged(transform);
    const fields = walk ? this.#restore(parsed, where, options) : parsed;
    try {
      return this.#classes.rebuild(type, fields, options);
    } catch (error) {
      throw new MessageDecodingFailedError(
        `${where} cannot be decoded: its class "${type.name}" could not be made of its fields. See the cause.`,
        { cause: error },
      );
    }
  }

  /** The fields of a parsed JSON object, with the values that tags stand for. */
  fields(parsed: Fields, where: string, walk: boolean): Fields {
    return walk ? this.#restore(parsed, where, this.#transform) : parsed;
  }

  #encoding(messageName: string, subject: string, transform: TransformOptions): ValueEncoding {
    return new ValueEncoding(this.#encodingSetup, messageName, subject, transform);
  }

  #write(holder: object, depth: number, encoding: ValueEncoding): string {
    try {
      return JSON.stringify(encoding.run(holder, depth));
    } catch (error) {
      throw error instanceof MessageEncodingFailedError
        ? error
        : encoding.failure('cannot be read. See the cause.', error);
    }
  }

  #restore(parsed: Fields, where: string, transform: TransformOptions): Fields {
    const decoding = new ValueDecoding(this.#classes, where, transform);
    try {
      return decoding.run(parsed);
    } catch (error) {
      throw error instanceof MessageDecodingFailedError
        ? error
        : decoding.failure('it could not be restored. See the cause.', error);
    }
  }

  #merged(transform: TransformOptions | undefined): TransformOptions {
    return transform === undefined ? this.#transform : { ...this.#transform, ...transform };
  }
}
