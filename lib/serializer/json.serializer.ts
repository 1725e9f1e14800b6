import { Envelope } from '../envelope/envelope.js';
import type { Stamp } from '../envelope/stamp.js';
import { MessageDecodingFailedError } from '../errors/message-decoding-failed.error.js';
import { MessageEncodingFailedError } from '../errors/message-encoding-failed.error.js';
import { UnknownMessageTypeError } from '../errors/unknown-message-type.error.js';
import type { EncodedEnvelope } from '../message/encoded-envelope.js';
import { classOf } from '../message/message-class.js';
import type { MessageRegistry } from '../message/message-registry.js';
import { SerializedMessageStamp } from '../stamp/serialized-message.stamp.js';
import { SerializerStamp } from '../stamp/serializer.stamp.js';
import { beginningOf, exceeds, textOf } from './body-text.js';
import {
  resolveJsonSerializerOptions,
  type JsonSerializerOptions,
  type ResolvedJsonSerializerOptions,
} from './json-serializer-options.js';
import { isPhpSerialized, NOT_FOR_US } from './json-text.js';
import { MessageClasses } from './message-classes.js';
import type { Serializer } from './serializer.js';
import { StampCodec } from './stamp-codec.js';
import type { StampRegistry } from './stamp-registry.js';
import { ValueCodec, type Fields } from './value-codec.js';

/**
 * Our own prefix: a worker in PHP gives up on an unknown `X-Message-Stamp-…`, and passes over headers it does not know.
 */
const STAMP_HEADER = 'X-Stamp-';

/** What {@link JsonSerializer} needs to know of the application. */
export interface JsonSerializerDependencies {
  /** The messages that may be decoded. */
  readonly registry: MessageRegistry;
  /** The stamps that may travel. */
  readonly stamps: StampRegistry;
  readonly options?: JsonSerializerOptions;
}

/**
 * The default serializer: the fields of the message as JSON in the body, its wire name and its stamps in the headers.
 * Only registered types are ever made out of what is received. The rules are in `docs/serializer.md`.
 */
export class JsonSerializer implements Serializer {
  readonly #registry: MessageRegistry;
  readonly #values: ValueCodec;
  readonly #stamps: StampCodec;
  readonly #options: ResolvedJsonSerializerOptions;

  /** @throws InvalidOptionError, UnknownOptionError for wrong `options`. */
  constructor({ registry, stamps, options }: JsonSerializerDependencies) {
    this.#registry = registry;
    this.#options = resolveJsonSerializerOptions(options);
    this.#values = new ValueCodec(new MessageClasses(registry), this.#options);
    this.#stamps = new StampCodec(stamps, this.#values, this.#options.maxStampsSize, STAMP_HEADER);
  }

  encode(envelope: Envelope): EncodedEnvelope {
    const name = this.#nameOf(envelope.message);
    const headers: Record<string, string> = { type: name };
    this.#stamps.writeInto(headers, envelope.all(), name);
    headers['Content-Type'] = 'application/json';
    const received = envelope.last(SerializedMessageStamp);
    return { body: received?.isReusable === true ? received.body : this.#write(envelope, name), headers };
  }

  decode(encoded: EncodedEnvelope): Envelope {
    const name = typeHeaderOf(encoded);
    const type = this.#registry.typeOf(name);
    if (type === undefined) {
      throw new UnknownMessageTypeError(name, this.#registry.names());
    }
    const where = `Message "${name}"`;
    const text = textOf(encoded.body, this.#options.maxBodySize, where);
    const stamps = this.#readStamps(encoded.headers);
    // The first one: what came later was added by somebody who re-sent the bytes as they were.
    const transform = stamps.find((stamp) => stamp instanceof SerializerStamp)?.options;
    const fields = assertFields(this.#values.parse(text, where), where);
    const message = this.#values.read(type, fields, where, this.#values.needsWalk(text), transform);
    stamps.push(new SerializedMessageStamp(encoded.body, encoded.headers));
    return new Envelope(message, stamps);
  }

  #nameOf(message: object): string {
    try {
      return this.#registry.nameOf(message);
    } catch (error) {
      throw new MessageEncodingFailedError(
        classOf(message).name,
        'it has no name of its own. See the cause.',
        {
          cause: error,
        },
      );
    }
  }

  #write(envelope: Envelope, name: string): string {
    const transform = envelope.last(SerializerStamp)?.options;
    const body = this.#values.writeMessage(envelope.message, name, transform);
    const { maxBodySize } = this.#options;
    if (exceeds(body, maxBodySize)) {
      throw new MessageEncodingFailedError(
        name,
        `its body has ${Buffer.byteLength(body)} bytes, and "maxBodySize" of the serializer allows ${maxBodySize}. ` +
          `Store the data elsewhere and send a reference to it.`,
      );
    }
    return body;
  }

  #readStamps(headers: Readonly<Record<string, string>>): Stamp[] {
    const stamps: Stamp[] = [];
    let size = 0;
    for (const header of Object.keys(headers)) {
      if (header.startsWith(STAMP_HEADER)) {
        const text = headers[header];
        if (typeof text !== 'string') {
          throw new MessageDecodingFailedError(`Header "${header}" cannot be decoded: it must be a text.`);
        }
        size += text.length;
        this.#stamps.assertSize(size);
        this.#stamps.readInto(stamps, header, text);
      }
    }
    return stamps;
  }
}

function typeHeaderOf({ headers, body }: EncodedEnvelope): string {
  // A transport that read something strange may have no headers at all.
  const type: unknown = (headers as EncodedEnvelope['headers'] | undefined)?.['type'];
  if (typeof type === 'string' && type !== '') {
    return type;
  }
  throw new MessageDecodingFailedError(
    isPhpSerialized(beginningOf(body))
      ? `The message cannot be decoded: ${NOT_FOR_US}`
      : 'The message has no header "type", which must hold the name of its class on the wire.',
  );
}

function assertFields(parsed: unknown, where: string): Fields {
  if (typeof parsed === 'object' && parsed !== null) {
    if (!Array.isArray(parsed)) {
      return parsed as Fields;
    }
    // PHP writes a message without fields as an empty list.
    if (parsed.length === 0) {
      return {};
    }
  }
  throw new MessageDecodingFailedError(`${where} cannot be decoded: its body must be a JSON object.`);
}
