import type { Stamp } from '../../envelope/stamp.js';
import type { EncodedEnvelope } from '../../message/encoded-envelope.js';
import { ErrorDetailsStamp } from '../../stamp/error-details.stamp.js';
import { SentToFailureTransportStamp } from '../../stamp/sent-to-failure-transport.stamp.js';
import { QUARANTINE_HEADER, SEAL_HEADER, SIGNATURE_HEADER } from '../header-names.js';
import { headerText } from './header-text.js';
import { isSameMac, type SigningKey } from './signing-key.js';

type Headers = EncodedEnvelope['headers'];

/** What ties a quarantine to its message: by these, and the body, the message is what it is. */
const BOUND = [SIGNATURE_HEADER, 'Body-Sign', 'type'];

const FORM = /^v1\.([\w-]{43})$/;

/** What a quarantine tells that nobody can have made up. */
export interface SealedFacts {
  /** The transport the message failed on, if it is in a failure transport. */
  readonly origin: string | undefined;
  /** When it failed for the first time: an epoch in milliseconds. */
  readonly failedAt: number | undefined;
}

/**
 * Signs the stamps that a message got which could not be read or was refused. Its own signature does not cover them, and a new
 * one over all of it would make a forged message a genuine one. So this is signed with another key, and says only that the
 * stamps were put beside that very message here.
 */
export class QuarantineSeal {
  readonly #keys: readonly [SigningKey, ...SigningKey[]];
  readonly #scope: string;

  /** @param scope the transport, as its signatures name it. */
  constructor(keys: readonly [SigningKey, ...SigningKey[]], scope: string) {
    this.#keys = keys;
    this.#scope = scope;
  }

  /** A message to which a quarantine was added, with its seal. */
  addTo(encoded: EncodedEnvelope): EncodedEnvelope {
    const { headers, body } = encoded;
    const mac = this.#keys[0].macOf('quarantine', this.#boundTexts(headers), body);
    return { ...encoded, headers: { ...headers, [SEAL_HEADER]: `v1.${mac.toString('base64url')}` } };
  }

  /** Whether a message with a quarantine has the seal of somebody who knows a key. */
  isIntact({ headers, body }: EncodedEnvelope): boolean {
    const [, code] = FORM.exec(headerText(headers, SEAL_HEADER) ?? '') ?? [];
    if (code === undefined) {
      return false;
    }
    const texts = this.#boundTexts(headers);
    const mac = Buffer.from(code, 'base64url');
    return this.#keys.some((key) => isSameMac(key.macOf('quarantine', texts, body), mac));
  }

  #boundTexts(headers: Headers): ReadonlyArray<string | null> {
    return [this.#scope, ...[QUARANTINE_HEADER, ...BOUND].map((name) => headerText(headers, name))];
  }
}

/** What the stamps of a quarantine say, if its seal is intact. */
export function sealedFacts(stamps: readonly Stamp[]): SealedFacts {
  const failures = stamps.filter((stamp) => stamp instanceof ErrorDetailsStamp);
  const origin = stamps.findLast((stamp) => stamp instanceof SentToFailureTransportStamp);
  return {
    origin: origin?.originalReceiverName,
    failedAt:
      failures.length === 0 ? undefined : Math.min(...failures.map(({ failedAt }) => failedAt.getTime())),
  };
}
