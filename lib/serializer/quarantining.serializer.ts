import { isUint8Array } from 'node:util/types';
import { Envelope } from '../envelope/envelope.js';
import { Stamp } from '../envelope/stamp.js';
import { InvalidMessageSignatureError } from '../errors/invalid-message-signature.error.js';
import { isThrown } from '../errors/is-thrown.js';
import { MessageDecodingFailedError } from '../errors/message-decoding-failed.error.js';
import { MessageEncodingFailedError } from '../errors/message-encoding-failed.error.js';
import { textOfThrown } from '../errors/text-of-thrown.js';
import type { EncodedEnvelope } from '../message/encoded-envelope.js';
import { classOf } from '../message/message-class.js';
import { messageNameOf } from '../message/message-metadata.js';
import { MessageRegistry } from '../message/message-registry.js';
import { UndecodableMessage } from '../message/undecodable-message.js';
import { MessageDecodingFailedStamp } from '../stamp/message-decoding-failed.stamp.js';
import { SerializedMessageStamp } from '../stamp/serialized-message.stamp.js';
import { JsonSerializer, type JsonSerializerDependencies } from './json.serializer.js';
import { resolveJsonSerializerOptions } from './json-serializer-options.js';
import { MessageClasses } from './message-classes.js';
import { QuarantineHeader } from './quarantine-header.js';
import type { Serializer } from './serializer.js';
import type { MessageSigner } from './signing/message-signer.js';
import { type QuarantineSeal, sealedFacts } from './signing/quarantine-seal.js';
import { StampCodec } from './stamp-codec.js';
import { StampRegistry } from './stamp-registry.js';
import { ValueCodec } from './value-codec.js';

/** How a transport signs. */
export interface QuarantineSigning {
  readonly signer: MessageSigner;
  readonly seal: QuarantineSeal;
}

const UNREADABLE = 'it threw something that cannot be shown.';

/**
 * Stands between a transport and any serializer, so that no message can be lost for being unreadable, nor end a worker.
 *
 * What the inner serializer cannot decode comes out as an {@link UndecodableMessage} with the reason in a stamp. Such a
 * message is encoded as it came, byte for byte, plus one header with the stamps it got here: the history of its
 * failures, its retries, the transport it came from. They are back when it is decoded again, whether or not that then works.
 *
 * What was decoded has a {@link SerializedMessageStamp} with what was received, whatever the inner serializer does.
 */
export class QuarantiningSerializer implements Serializer {
  readonly #serializer: Serializer;
  /** Ours needs none of the checks made on foreign ones. */
  readonly #isTrusted: boolean;
  readonly #header: QuarantineHeader;
  readonly #signing: QuarantineSigning | undefined;

  /**
   * @param dependencies what the application knows; by default the built-in stamps and those decorated with `@AsStamp`.
   * @param signing signs and verifies, whatever the inner serializer is. @default nothing is signed
   */
  constructor(
    serializer: Serializer,
    dependencies: Partial<JsonSerializerDependencies> = {},
    signing?: QuarantineSigning,
  ) {
    this.#serializer = serializer;
    this.#signing = signing;
    this.#isTrusted = serializer.constructor === JsonSerializer;
    const options = resolveJsonSerializerOptions(dependencies.options);
    const classes = new MessageClasses(dependencies.registry ?? new MessageRegistry());
    const stamps = dependencies.stamps ?? new StampRegistry();
    this.#header = new QuarantineHeader(
      new StampCodec(stamps, new ValueCodec(classes, options), options.maxStampsSize),
    );
  }

  /** @throws MessageEncodingFailedError whatever the inner serializer throws or returns instead. */
  encode(envelope: Envelope): EncodedEnvelope {
    const { message } = envelope;
    if (message instanceof UndecodableMessage) {
      return this.#encodeUntouched(message, envelope.all());
    }
    const encoded = this.#encodeInner(envelope);
    return this.#signing === undefined ? encoded : this.#signing.signer.sign(encoded, envelope);
  }

  /** Never throws. */
  decode(encoded: EncodedEnvelope): Envelope {
    let original = encoded;
    let quarantined: readonly Stamp[] = [];
    let isVouchedFor = true;
    try {
      isVouchedFor = this.#isVouchedFor(encoded);
      const { headers, stamps } = this.#header.takeFrom(encoded.headers);
      if (headers !== encoded.headers) {
        quarantined = stamps;
        original = { ...encoded, headers };
      }
      const envelope = this.#decodeVerified(original, quarantined, isVouchedFor);
      return quarantined.length === 0
        ? envelope
        : new Envelope(envelope.message, [...envelope.all(), ...quarantined]);
    } catch (error) {
      const failed = new MessageDecodingFailedStamp(asDecodingError(error));
      return isVouchedFor || !isThrown(error, InvalidMessageSignatureError)
        ? new Envelope(new UndecodableMessage(original, isVouchedFor), [...quarantined, failed])
        : new Envelope(new UndecodableMessage(encoded), [failed]);
    }
  }

  /**
   * Whether the stamps that a quarantine has added were added by somebody who knows a key.
   *
   * @throws InvalidMessageSignatureError if not, and the message must be signed.
   */
  #isVouchedFor(encoded: EncodedEnvelope): boolean {
    if (this.#signing === undefined || !this.#header.isIn(encoded.headers)) {
      return true;
    }
    const { signer, seal } = this.#signing;
    if (seal.isIntact(encoded)) {
      return true;
    }
    signer.assertNotNeeded(encoded.headers);
    return false;
  }

  #decodeVerified(original: EncodedEnvelope, quarantined: readonly Stamp[], isVouchedFor: boolean): Envelope {
    if (this.#signing === undefined) {
      return this.#decodeInner(original);
    }
    const { signer } = this.#signing;
    const facts = isVouchedFor && quarantined.length > 0 ? sealedFacts(quarantined) : undefined;
    const { content, isVerified } = signer.verify(original, facts);
    const envelope = this.#decodeInner(content);
    signer.admit(envelope, isVerified && isVouchedFor, original.headers);
    return envelope;
  }

  #encodeInner(envelope: Envelope): EncodedEnvelope {
    let encoded: unknown;
    try {
      encoded = this.#serializer.encode(envelope);
    } catch (error) {
      throw isThrown(error, MessageEncodingFailedError)
        ? error
        : new MessageEncodingFailedError(
            nameOf(envelope),
            `the serializer failed: ${textOfThrown(error, UNREADABLE)}`,
            {
              cause: error,
            },
          );
    }
    return this.#isTrusted ? (encoded as EncodedEnvelope) : assertEncoded(encoded, envelope);
  }

  #decodeInner(encoded: EncodedEnvelope): Envelope {
    const envelope: unknown = this.#serializer.decode(encoded);
    if (this.#isTrusted) {
      return envelope as Envelope;
    }
    if (!(envelope instanceof Envelope)) {
      silence(envelope);
      throw new MessageDecodingFailedError(
        'decode() of the serializer must return an envelope, and not a promise.',
      );
    }
    assertWellFormed(envelope);
    return withOriginal(envelope, encoded);
  }

  #encodeUntouched(
    { encoded: { body, headers }, isVouchedFor }: UndecodableMessage,
    stamps: readonly Stamp[],
  ): EncodedEnvelope {
    const encoded = { body, headers: this.#header.addTo(headers, stamps) };
    // A quarantine that came with the message, and was refused with it, is sealed by nobody.
    const isOurs = isVouchedFor && encoded.headers !== headers;
    return this.#signing !== undefined && isOurs ? this.#signing.seal.addTo(encoded) : encoded;
  }
}

function assertEncoded(encoded: unknown, envelope: Envelope): EncodedEnvelope {
  if (isEncodedEnvelope(encoded)) {
    return encoded;
  }
  silence(encoded);
  throw new MessageEncodingFailedError(
    nameOf(envelope),
    'encode() of the serializer must return a body, as a text or bytes, and headers with texts, and not a promise.',
  );
}

/** A serializer written in JavaScript, or around a cast, may return anything in an envelope. */
function assertWellFormed(envelope: Envelope): void {
  const message: unknown = envelope.message;
  if (typeof message !== 'object' || message === null) {
    throw new MessageDecodingFailedError(
      `decode() of the serializer must return an envelope with an object as its message, and not ${message === null ? 'null' : `a value of type "${typeof message}"`}.`,
    );
  }
  const stamps: unknown = envelope.all();
  if (!Array.isArray(stamps) || !stamps.every((stamp) => stamp instanceof Stamp)) {
    throw new MessageDecodingFailedError(
      'decode() of the serializer must return an envelope whose stamps are a list of instances of "Stamp".',
    );
  }
}

/** `envelope` with what was received, unless the inner serializer kept all of that. */
function withOriginal(envelope: Envelope, { body, headers }: EncodedEnvelope): Envelope {
  const kept = envelope.last(SerializedMessageStamp);
  if (kept === undefined) {
    return envelope.with(new SerializedMessageStamp(body, headers, false));
  }
  return kept.headers === undefined
    ? envelope.without(SerializedMessageStamp).with(new SerializedMessageStamp(kept.body, headers))
    : envelope;
}

function nameOf({ message }: Envelope): string {
  return messageNameOf(classOf(message));
}

function asDecodingError(error: unknown): MessageDecodingFailedError {
  return isThrown(error, MessageDecodingFailedError)
    ? error
    : new MessageDecodingFailedError(`The serializer failed: ${textOfThrown(error, UNREADABLE)}`, {
        cause: error,
      });
}

function isEncodedEnvelope(value: unknown): value is EncodedEnvelope {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const { body, headers } = value as Partial<EncodedEnvelope>;
  return (
    (typeof body === 'string' || isUint8Array(body)) &&
    typeof headers === 'object' &&
    headers !== null &&
    Object.values(headers).every((header) => typeof header === 'string')
  );
}

/** An asynchronous serializer is refused; its promise must not become an unhandled rejection as well. */
function silence(value: unknown): void {
  if (value instanceof Promise) {
    value.catch(() => undefined);
  }
}
