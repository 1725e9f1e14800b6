/**
 * What a signature says of itself, in clear: `v1.<code>.<JSON>`. The code covers this JSON, character by character, the
 * values of the headers that it names, in its order, and the body.
 */
export interface SignatureClaims {
  /** The id of the key. */
  readonly key: string;
  /** The transport it was signed for. */
  readonly for: string;
  /** When it was signed: an epoch in milliseconds. */
  readonly at: number;
  /** Milliseconds from then until the message is due. */
  readonly delay: number;
  /** The names of the headers that are signed. */
  readonly headers: readonly string[];
}

/** A signature as it came, not verified. */
export interface ReceivedSignature {
  readonly claims: SignatureClaims;
  /** The JSON that the claims were read from. */
  readonly text: string;
  readonly mac: Uint8Array;
}

const FORM = /^v1\.([\w-]{43})\.(\{.*\})$/;

/** The text of a signature. */
export function formatSignature(mac: Buffer, claims: string): string {
  return `v1.${mac.toString('base64url')}.${claims}`;
}

/** What stands in a header that should hold a signature; `undefined` if it is none. */
export function parseSignature(header: string): ReceivedSignature | undefined {
  const [, mac = '', text = ''] = FORM.exec(header) ?? [];
  try {
    const claims: unknown = text === '' ? undefined : JSON.parse(text);
    return isClaims(claims) ? { claims, text, mac: Buffer.from(mac, 'base64url') } : undefined;
  } catch {
    return undefined;
  }
}

function isClaims(value: unknown): value is SignatureClaims {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const { key, for: scope, at, delay, headers } = value as Readonly<Record<string, unknown>>;
  return (
    typeof key === 'string' &&
    typeof scope === 'string' &&
    Number.isSafeInteger(at) &&
    typeof delay === 'number' &&
    delay >= 0 &&
    Array.isArray(headers) &&
    headers.every((name) => typeof name === 'string')
  );
}
