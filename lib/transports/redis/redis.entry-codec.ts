import { isUtf8 } from 'node:buffer';
import { createHash, randomUUID } from 'node:crypto';
import type { EncodedEnvelope } from '../../message/encoded-envelope.js';

/** The field of an entry that holds a message, as Symfony Messenger names it. */
export const MESSAGE_FIELD = 'message';

const MESSAGE_FIELD_BYTES = [...Buffer.from(MESSAGE_FIELD)];

/** What phpredis adds to a text by default: `s:<bytes>:"<text>";`. */
const PHP_TEXT = /^s:(\d{1,10}):"/;

const UNIQID = /,"uniqid":"[^"]*"}$/;

/** One that can be a part of an id: those that are written here, and most of Symfony's. */
const PLAIN_UNIQID = /,"uniqid":"([\w-]{12})"}$/;

/** The length of what `PLAIN_UNIQID` matches. */
const PLAIN_UNIQID_LENGTH = 26;

/**
 * A message as the text of an entry: `{"body":"…","headers":{…}}`. Symfony Messenger reads it with the default settings of
 * phpredis and with `serializer=0`. A body that is no text travels as base64, which "encoding" says.
 */
export function encodeEntry({ body, headers }: EncodedEnvelope): string {
  if (typeof body === 'string') {
    return JSON.stringify({ body, headers });
  }
  return isUtf8(body)
    ? JSON.stringify({ body: Buffer.from(body).toString('utf8'), headers })
    : JSON.stringify({ body: Buffer.from(body).toString('base64'), headers, encoding: 'base64' });
}

/** The text of an entry as a member of a sorted set; unique, since a set keeps equal ones once. */
export function memberOf(entry: string): string {
  return `${entry.slice(0, -1)},"uniqid":"${randomUUID().slice(-12)}"}`;
}

/** The message in a member of a sorted set. Never throws. */
export function decodeMember(member: Buffer): EncodedEnvelope {
  // As bytes: members of others may be anything.
  return decodeMessage(Buffer.from(member.toString('latin1').replace(UNIQID, '}'), 'latin1'));
}

/**
 * The id of a message in a sorted set: when it is due, in milliseconds with three decimals, and what makes the member unique, or
 * else a digest of it.
 */
export function memberIdOf(score: string, member: string | Buffer): string {
  const end = member.slice(-PLAIN_UNIQID_LENGTH);
  const unique =
    PLAIN_UNIQID.exec(typeof end === 'string' ? end : end.toString('latin1'))?.[1] ??
    createHash('sha1').update(member).digest('base64url').slice(0, 12);
  // Redis may write a score with more decimals than it was given.
  return `${Number(score).toFixed(3)}:${unique}`;
}

/**
 * The message in an entry, given as its fields and values in turn. Never throws. Entries of others are read as far as they can
 * be: a `message` that is no envelope is a body without headers; without one, the field `body` is the body and the others are
 * the headers; without that, all fields together are the body, as JSON. Fields of which two have one name are a list of pairs.
 */
export function decodeEntry(fields: readonly Uint8Array[]): EncodedEnvelope {
  // What nearly every entry is: that one field.
  if (fields.length === 2 && fields[1] !== undefined && isMessageField(fields[0])) {
    return decodeMessage(fields[1]);
  }
  const pairs = pairsOf(fields);
  const message = pairs.find(([name]) => name === MESSAGE_FIELD)?.[1];
  if (message !== undefined) {
    return decodeMessage(message);
  }
  const body = pairs.find(([name]) => name === 'body')?.[1];
  const texts = pairs.map(([name, value]) => [name, textOf(value)] as const);
  if (new Set(texts.map(([name]) => name)).size < texts.length) {
    return { body: JSON.stringify(texts), headers: {} };
  }
  return body === undefined
    ? { body: JSON.stringify(recordOf(texts)), headers: {} }
    : { body: textOrBytes(body), headers: recordOf(texts.filter(([name]) => name !== 'body')) };
}

/** The message in the value of the field `message`. Never throws. */
function decodeMessage(value: Uint8Array): EncodedEnvelope {
  const content = unwrapped(bufferOf(value));
  if (!isUtf8(content)) {
    return { body: content, headers: {} };
  }
  const text = content.toString('utf8');
  return envelopeIn(text) ?? { body: text, headers: {} };
}

function envelopeIn(text: string): EncodedEnvelope | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  // phpredis with `serializer=4` writes JSON in a JSON text.
  if (typeof parsed === 'string') {
    return parsed.startsWith('{') ? envelopeIn(parsed) : undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) {
    return undefined;
  }
  const { body, headers, encoding } = parsed as Readonly<Record<string, unknown>>;
  if (typeof body !== 'string' || !areHeaders(headers)) {
    return undefined;
  }
  return {
    body: encoding === 'base64' ? Buffer.from(body, 'base64') : body,
    // PHP writes an empty map as a list.
    headers: Array.isArray(headers) ? {} : (headers as Readonly<Record<string, string>>),
  };
}

function areHeaders(headers: unknown): boolean {
  return (
    typeof headers === 'object' &&
    headers !== null &&
    (Array.isArray(headers)
      ? headers.length === 0
      : Object.values(headers).every((header) => typeof header === 'string'))
  );
}

/** Without what phpredis added. A length that is wrong leaves the value as it came. */
function unwrapped(value: Buffer): Buffer {
  const prefix = value[0] === 0x73 ? PHP_TEXT.exec(value.toString('latin1', 0, 16)) : null;
  if (prefix === null) {
    return value;
  }
  const start = prefix[0].length;
  const end = start + Number(prefix[1]);
  return value.length === end + 2 && value.toString('latin1', end) === '";'
    ? value.subarray(start, end)
    : value;
}

function isMessageField(name: Uint8Array | undefined): boolean {
  if (name?.length !== MESSAGE_FIELD_BYTES.length) {
    return false;
  }
  let at = 0;
  while (at < MESSAGE_FIELD_BYTES.length && name[at] === MESSAGE_FIELD_BYTES[at]) {
    at++;
  }
  return at === MESSAGE_FIELD_BYTES.length;
}

function pairsOf(fields: readonly Uint8Array[]): ReadonlyArray<readonly [name: string, value: Buffer]> {
  const pairs: Array<readonly [string, Buffer]> = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    pairs.push([textOf(bufferOf(fields[i])), bufferOf(fields[i + 1])]);
  }
  return pairs;
}

function bufferOf(bytes: Uint8Array | undefined): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes ?? []);
}

function textOrBytes(value: Buffer): string | Uint8Array {
  return isUtf8(value) ? value.toString('utf8') : value;
}

/** What is no text is written as a URL that holds the bytes, where there must be one. */
function textOf(value: Buffer): string {
  return isUtf8(value) ? value.toString('utf8') : `data:;base64,${value.toString('base64')}`;
}

/** Without a prototype to be touched by a field named `__proto__`. */
function recordOf(entries: ReadonlyArray<readonly [string, string]>): Record<string, string> {
  return Object.fromEntries(entries);
}
