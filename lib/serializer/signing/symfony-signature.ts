import type { EncodedEnvelope } from '../../message/encoded-envelope.js';
import { isSameMac, type SigningKey } from './signing-key.js';

/** How Symfony Messenger signs: `'body'` covers the body alone, `'v2'` the type and the stamps as well. */
export type SymfonyForm = 'v2' | 'body';

const SIGNATURE = 'Body-Sign';
const ALGORITHM = 'Sign-Algo';
/** Written by Symfony on what it signed without having verified it. */
const UNVERIFIED = 'Sign-Trust';
const MARKER = 'v2:';
const STAMP_PREFIX = 'X-Message-Stamp-';

/** The headers that Symfony's signature is written in. */
export const SYMFONY_HEADERS: readonly string[] = [SIGNATURE, ALGORITHM];

/** The two headers by which Symfony knows that a message is genuine. */
export function symfonySignature(
  encoded: EncodedEnvelope,
  form: SymfonyForm,
  key: SigningKey,
): EncodedEnvelope['headers'] {
  const text = form === 'v2' ? versionTwo(encoded, key) : key.symfonyMacOf(bytesOf(encoded.body));
  return { [SIGNATURE]: text, [ALGORITHM]: 'sha256' };
}

/**
 * What of a message Symfony has signed: its body and the headers covered, and nothing else. `undefined` if its signature is not
 * good, or says itself that the message was not verified.
 *
 * @param form the oldest form that is accepted.
 */
export function verifiedBySymfony(
  encoded: EncodedEnvelope,
  form: SymfonyForm,
  keys: readonly SigningKey[],
): EncodedEnvelope | undefined {
  const { headers, body } = encoded;
  const given: unknown = headers[SIGNATURE];
  if (typeof given !== 'string' || Object.hasOwn(headers, UNVERIFIED)) {
    return undefined;
  }
  const isVersionTwo = given.startsWith(MARKER);
  if (!isVersionTwo && form !== 'body') {
    return undefined;
  }
  const bytes = bytesOf(body);
  const isGenuine = keys.some((key) =>
    isSameMac(
      Buffer.from(isVersionTwo ? versionTwo(encoded, key) : key.symfonyMacOf(bytes)),
      Buffer.from(given),
    ),
  );
  const kept = [...SYMFONY_HEADERS, 'type', ...(isVersionTwo ? stampHeaders(headers) : [])];
  return isGenuine
    ? { ...encoded, headers: Object.fromEntries(kept.map((name) => [name, headers[name] ?? ''])) }
    : undefined;
}

function versionTwo({ body, headers }: EncodedEnvelope, key: SigningKey): string {
  const names = [...(Object.hasOwn(headers, 'type') ? ['type'] : []), ...stampHeaders(headers)];
  const entries = names
    .map((name) => [Buffer.from(name), Buffer.from(headers[name] ?? '')] as const)
    .sort(([a], [b]) => Buffer.compare(a, b));
  const payload = Buffer.concat([
    Buffer.from('a:2:{i:0;'),
    phpText(bytesOf(body)),
    Buffer.from(`i:1;a:${entries.length}:{`),
    ...entries.flatMap(([name, value]) => [phpText(name), phpText(value)]),
    Buffer.from('}}'),
  ]);
  return MARKER + key.symfonyMacOf(payload, MARKER);
}

function stampHeaders(headers: EncodedEnvelope['headers']): readonly string[] {
  return Object.keys(headers).filter((name) => name.startsWith(STAMP_PREFIX));
}

/** As PHP's `serialize()` writes a text. */
function phpText(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`s:${bytes.byteLength}:"`), bytes, Buffer.from('";')]);
}

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body;
}
