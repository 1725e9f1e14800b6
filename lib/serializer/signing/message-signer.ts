import type { Clock } from '../../envelope/clock.js';
import type { Envelope } from '../../envelope/envelope.js';
import {
  InvalidMessageSignatureError,
  type SignatureProblem,
} from '../../errors/invalid-message-signature.error.js';
import type { EncodedEnvelope } from '../../message/encoded-envelope.js';
import { classOf } from '../../message/message-class.js';
import { DelayStamp } from '../../stamp/delay.stamp.js';
import { QUARANTINE_HEADER, SEAL_HEADER, SIGNATURE_HEADER } from '../header-names.js';
import { headerText } from './header-text.js';
import { formatSignature, parseSignature, type SignatureClaims } from './message-signature.js';
import type { SealedFacts } from './quarantine-seal.js';
import type { SignedTypes } from './signed-types.js';
import { isSameMac, type SigningKey } from './signing-key.js';
import type { ResolvedSigning, SigningPolicy } from './signing-policy.js';
import { SYMFONY_HEADERS, symfonySignature, verifiedBySymfony } from './symfony-signature.js';

type Headers = EncodedEnvelope['headers'];

/** Headers that are no part of what is signed. Those of the quarantine are added later, and have a seal of their own. */
const UNSIGNED: ReadonlySet<string> = new Set([
  SIGNATURE_HEADER,
  ...SYMFONY_HEADERS,
  QUARANTINE_HEADER,
  SEAL_HEADER,
]);

/** What holds stamps. One that was added is no accident. */
const STAMPS = /^X-(?:Stamp-|Quarantine)/;

const MAX_SHOWN_NAME = 200;

/** What a {@link MessageSigner} works with. */
export interface MessageSignerParts {
  readonly signing: ResolvedSigning;
  readonly own: SigningPolicy;
  /** How the transport of that name signs. */
  readonly policyOf: (transportName: string) => SigningPolicy | undefined;
  readonly types: SignedTypes;
  readonly clock: Clock;
}

/** A message of which is known who wrote it, or that this need not be known. */
export interface VerifiedMessage {
  /** What was signed, and nothing that was not. */
  readonly content: EncodedEnvelope;
  readonly isVerified: boolean;
}

/**
 * Signs what one transport sends, and verifies what it receives before anybody looks into it.
 *
 * The signature covers the body, every header that the serializer wrote (the type and the stamps), the transport, and the time.
 * Brokers, and whatever traces messages, add headers of their own; those are no reason to refuse a message, but nobody behind
 * this class gets to see a header that was not signed.
 */
export class MessageSigner {
  readonly #parts: MessageSignerParts;

  constructor(parts: MessageSignerParts) {
    this.#parts = parts;
  }

  /** `encoded` with its signature, if the transport signs, or the type of the message has to be. */
  sign(encoded: EncodedEnvelope, envelope: Envelope): EncodedEnvelope {
    const { own, types, signing } = this.#parts;
    if (!own.isSigned && !types.include(classOf(envelope.message))) {
      return encoded;
    }
    const headers = withoutSignatures(encoded.headers);
    const content = { ...encoded, headers };
    const [key] = signing.keys;
    const delay = envelope.last(DelayStamp)?.delay ?? 0;
    return {
      ...encoded,
      headers: {
        ...headers,
        [SIGNATURE_HEADER]: this.#signatureOf(content, key, delay),
        ...(own.symfony === undefined ? {} : symfonySignature(content, own.symfony, key)),
      },
    };
  }

  /**
   * @param received without what a quarantine has added.
   * @param sealed what a quarantine says, if its seal is intact: a message that failed on another transport is judged by the
   * rules of that one, and by its age at that time.
   * @throws InvalidMessageSignatureError
   */
  verify(received: EncodedEnvelope, sealed?: SealedFacts): VerifiedMessage {
    const { own, policyOf, types } = this.#parts;
    const origin = sealed?.origin === undefined ? undefined : policyOf(sealed.origin);
    const policy = origin ?? own;
    const { headers } = received;
    const isNeeded =
      policy.isRequired ||
      (policy.isSigned && Object.hasOwn(headers, SIGNATURE_HEADER)) ||
      types.includeName(headers['type']);
    if (!isNeeded) {
      return { content: received, isVerified: false };
    }
    const content = Object.hasOwn(headers, SIGNATURE_HEADER)
      ? this.#verifyOurs(received, policy, sealed)
      : this.#verifySymfony(received, policy);
    assertNoStampsAdded(headers, content.headers);
    return { content, isVerified: true };
  }

  /**
   * Called with what was decoded: by then its type is certain, whatever its headers say.
   *
   * @throws InvalidMessageSignatureError
   */
  admit({ message }: Envelope, isVerified: boolean, headers: Headers): void {
    if (!isVerified && this.#parts.types.include(classOf(message))) {
      throw missing(headers);
    }
  }

  /**
   * Called for a message to which somebody without a key has added the stamps of a quarantine.
   *
   * @throws InvalidMessageSignatureError if it has to be signed.
   */
  assertNotNeeded(headers: Headers): void {
    if (this.#parts.own.isRequired || this.#parts.types.includeName(headers['type'])) {
      throw refused(
        headers,
        'added-stamps',
        `its header "${QUARANTINE_HEADER}" was written by somebody without a key.`,
      );
    }
  }

  #signatureOf({ body, headers }: EncodedEnvelope, key: SigningKey, delay: number): string {
    const names = Object.keys(headers);
    const claims: SignatureClaims = {
      key: key.id,
      for: this.#parts.own.scope,
      at: Math.floor(this.#parts.clock.now()),
      delay,
      headers: names,
    };
    const text = JSON.stringify(claims);
    return formatSignature(key.macOf('message', [text, ...Object.values(headers)], body), text);
  }

  #verifyOurs(
    received: EncodedEnvelope,
    policy: SigningPolicy,
    sealed: SealedFacts | undefined,
  ): EncodedEnvelope {
    const { signing, own } = this.#parts;
    const { headers, body } = received;
    const signature = parseSignature(headerText(headers, SIGNATURE_HEADER) ?? '');
    if (signature === undefined) {
      throw refused(headers, 'malformed', `its header "${SIGNATURE_HEADER}" holds no signature.`);
    }
    const { claims, text, mac } = signature;
    const values = claims.headers.map((name) => headerText(headers, name));
    const isGenuine = inOrderOf(claims.key, signing.keys).some((key) =>
      isSameMac(key.macOf('message', [text, ...values], body), mac),
    );
    if (!isGenuine) {
      throw this.#mismatch(headers, claims);
    }
    if (claims.for !== own.scope && claims.for !== policy.scope) {
      throw refused(
        headers,
        'other-transport',
        `it was signed for transport "${claims.for}", and not for "${policy.scope}". If the applications that share the queue ` +
          'call it differently, give all of them one name, as in "sign: { as: \'orders\' }".',
      );
    }
    this.#assertTime(headers, claims, policy, sealed);
    const kept = [...claims.headers, SIGNATURE_HEADER];
    return { ...received, headers: Object.fromEntries(kept.map((name) => [name, headers[name] ?? ''])) };
  }

  #verifySymfony(received: EncodedEnvelope, { symfony }: SigningPolicy): EncodedEnvelope {
    const { headers } = received;
    if (!SYMFONY_HEADERS.some((name) => Object.hasOwn(headers, name))) {
      throw missing(headers);
    }
    if (symfony === undefined) {
      throw refused(
        headers,
        'missing',
        'it has the signature of Symfony only, which this transport does not accept. If it shall, set "sign: { symfony: true }".',
      );
    }
    const content = verifiedBySymfony(received, symfony, this.#parts.signing.keys);
    if (content === undefined) {
      throw refused(
        headers,
        'mismatch',
        'its signature in the way of Symfony does not belong to this content, or to none of the keys, or is of a form that is ' +
          'not accepted here.',
      );
    }
    return content;
  }

  #mismatch(headers: Headers, { key }: SignatureClaims): InvalidMessageSignatureError {
    const ids = this.#parts.signing.keys.map(({ id }) => id);
    const known = ids.map((id) => `"${id}"`).join(', ');
    return refused(
      headers,
      'mismatch',
      ids.includes(key)
        ? `it was changed after it was signed with key "${key}", or another secret has that id.`
        : `it names key "${key.slice(0, MAX_SHOWN_NAME)}", and was signed with none of those known here: ${known}. If that was a ` +
            'key of yours, add it to "keys" of "signing" again, as the last one, until no message is left that it has signed.',
    );
  }

  #assertTime(
    headers: Headers,
    { at, delay }: SignatureClaims,
    { checksAge }: SigningPolicy,
    sealed: SealedFacts | undefined,
  ): void {
    const { maxAge, clockSkew } = this.#parts.signing;
    if (maxAge === undefined || !checksAge) {
      return;
    }
    const now = this.#parts.clock.now();
    if (at > now + clockSkew) {
      throw refused(
        headers,
        'not-yet',
        `it was signed ${at - now} ms in the future, and "clockSkew" is ${clockSkew}. Set the clocks of the hosts by one source.`,
      );
    }
    const age = Math.min(sealed?.failedAt ?? now, now) - at - delay;
    if (age > maxAge + clockSkew) {
      throw refused(
        headers,
        'expired',
        `it was signed, and due, ${age} ms before, and "maxAge" of "signing" is ${maxAge}. Sent twice by somebody who kept a copy, ` +
          'or late: if messages may wait longer, raise "maxAge".',
      );
    }
  }
}

function assertNoStampsAdded(received: Headers, signed: Headers): void {
  const added = Object.keys(received).find((name) => STAMPS.test(name) && !Object.hasOwn(signed, name));
  if (added !== undefined) {
    throw refused(
      received,
      'added-stamps',
      `its header "${added.slice(0, MAX_SHOWN_NAME)}" was added after it was signed.`,
    );
  }
}

/** The key that is named first, in case there are many. */
function inOrderOf(id: string, keys: readonly SigningKey[]): readonly SigningKey[] {
  return keys.length === 1 || keys[0]?.id === id
    ? keys
    : [...keys.filter((key) => key.id === id), ...keys.filter((key) => key.id !== id)];
}

function withoutSignatures(headers: Headers): Headers {
  return Object.keys(headers).some((name) => UNSIGNED.has(name))
    ? Object.fromEntries(Object.entries(headers).filter(([name]) => !UNSIGNED.has(name)))
    : headers;
}

/** The error for a message that needs a signature. */
function missing(headers: Headers): InvalidMessageSignatureError {
  return refused(
    headers,
    'missing',
    'it is not signed, and only signed messages are accepted. If it is one of yours, let the application that sends it sign: ' +
      'give it the same "signing" and "sign: true" for the transport, or the type.',
  );
}

function refused(headers: Headers, problem: SignatureProblem, reason: string): InvalidMessageSignatureError {
  const name: unknown = headers['type'];
  return new InvalidMessageSignatureError(
    typeof name === 'string' && name !== '' ? name.slice(0, MAX_SHOWN_NAME) : 'unknown',
    problem,
    reason,
  );
}
